using CovidCxr.Clinic.Policies;
using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Studies;

/// <summary>One class's heat map: Height x Width little-endian float32 values in 0..1.</summary>
public sealed record HeatMapData(int Width, int Height, byte[] Values);

/// <summary>
/// The heat map of a study's newest prediction. Null where there is no such study, prediction or class, or where it is not revealed to this
/// reader.
/// </summary>
public sealed class GetHeatMap(
    IDbContextFactory<CovidCxrDbContext> contexts, GetReadingPolicy policies, Disclosures disclosures, AuditLog audit,
    ViewLog views)
{
    public async Task<HeatMapData?> RunAsync(Guid studyId, int classIndex, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var own = await db.Readings.AsNoTracking().Where(r => r.StudyId == studyId && r.ReaderId == actor.UserId).ToListAsync(cancellation);
        var isDisclosed = await Disclosures.IsAnyAsync(db, studyId, actor.UserId, cancellation);
        if (!ReadingRules.IsRevealed(actor, await policies.TodayAsync(db, studyId, actor, cancellation), own, isDisclosed))
        {
            // The page does not ask before the reveal; who does, asks by hand.
            await audit.RecordAsync(
                actor, AuditAction.AccessRefused, AuditOutcome.Refused, await KnownAsync(db, studyId, cancellation),
                "heat map before the own opinion");
            return null;
        }

        var prediction = await (from s in db.Studies
                                join p in db.Predictions on s.PredictionId equals p.Id
                                where s.Id == studyId
                                select p).AsNoTracking().SingleOrDefaultAsync(cancellation);
        if (prediction is null || classIndex < 0 || classIndex >= prediction.Classes.Count)
        {
            return null;
        }

        await disclosures.NoteAsync(db, [studyId], actor, cancellation);
        await views.NoteOnceAMinuteAsync(actor, AuditAction.StudyView, studyId, "heat map");
        var bytes = prediction.MapWidth * prediction.MapHeight * sizeof(float);
        return new(prediction.MapWidth, prediction.MapHeight, prediction.HeatMaps.AsSpan(classIndex * bytes, bytes).ToArray());
    }

    static async Task<Guid?> KnownAsync(CovidCxrDbContext db, Guid studyId, CancellationToken cancellation) =>
        await db.AllStudies.AnyAsync(s => s.Id == studyId, cancellation) ? studyId : null;
}
