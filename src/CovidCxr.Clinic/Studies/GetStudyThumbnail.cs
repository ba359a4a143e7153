using CovidCxr.Clinic.Policies;
using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Studies;

/// <summary>
/// A small picture of a study, with the heat map of the predicted class where this person may see it: a PNG. Null where there is no such
/// study or no film of it.
/// </summary>
public sealed class GetStudyThumbnail(
    IDbContextFactory<CovidCxrDbContext> contexts, SmallFilms films, GetReadingPolicy policies, Disclosures disclosures,
    ViewLog views)
{
    const float Opacity = 0.6f;

    /// <summary>Without a heat map: the film alone, as one chooses among the images of a visit.</summary>
    /// <param name="imageId">A further image, or the study's own id for the principal one.</param>
    public async Task<byte[]?> OfImageAsync(Guid studyId, Guid imageId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (await VisitImages.KeyAsync(db, studyId, imageId, cancellation) is not { } key
            || await films.FindAsync(key, cancellation) is not { } small)
        {
            return null;
        }

        await views.NoteOnceAMinuteAsync(actor, AuditAction.StudyView, studyId, "thumbnail");
        return PngEncoder.Encode(small);
    }

    public async Task<byte[]?> RunAsync(Guid studyId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var study = await db.AllStudies.Where(s => s.Id == studyId)
            .Select(s => new { s.ImageKey, PredictionId = s.IsWithdrawn ? null : s.PredictionId })
            .SingleOrDefaultAsync(cancellation);
        if (study is null || await films.FindAsync(study.ImageKey, cancellation) is not { } small)
        {
            return null;
        }

        var own = await db.Readings.AsNoTracking().Where(r => r.StudyId == studyId && r.ReaderId == actor.UserId).ToListAsync(cancellation);
        var isRevealed = ReadingRules.IsRevealed(
            actor, await policies.TodayAsync(db, studyId, actor, cancellation), own,
            await Disclosures.IsAnyAsync(db, studyId, actor.UserId, cancellation));
        var prediction = isRevealed && study.PredictionId is { } id
            ? await db.Predictions.AsNoTracking().SingleAsync(p => p.Id == id, cancellation)
            : null;
        if (prediction is not null)
        {
            await disclosures.NoteAsync(db, [studyId], actor, cancellation);
        }

        await views.NoteOnceAMinuteAsync(actor, AuditAction.StudyView, studyId, "thumbnail");
        // Below the threshold a heat map shows where nothing was found, as in the viewer.
        if (prediction is null || prediction.Probabilities[prediction.PositiveIndex] < prediction.Threshold)
        {
            return PngEncoder.Encode(small);
        }

        var cells = prediction.MapWidth * prediction.MapHeight;
        var map = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(prediction.HeatMaps)
            .Slice(prediction.PositiveIndex * cells, cells).ToArray();
        return OverlayRenderer.RenderPng(small, map, prediction.MapWidth, prediction.MapHeight, Opacity);
    }
}
