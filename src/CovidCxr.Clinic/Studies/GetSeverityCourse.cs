using CovidCxr.Clinic.Policies;
using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Studies;

/// <summary>How severe one film of a patient is.</summary>
/// <param name="On">When the film was taken; where that is unknown, when it came in.</param>
/// <param name="Zones">A to F, 0..3 each.</param>
/// <param name="Sum">0..18.</param>
public sealed record CoursePoint(Guid StudyId, DateOnly On, IReadOnlyList<double> Zones, double Sum, double Lower, double Upper);

/// <summary>The course of a patient: the severity of every film whose answer this person may see, oldest first.</summary>
public sealed class GetSeverityCourse(IDbContextFactory<CovidCxrDbContext> contexts, GetReadingPolicy policies, Disclosures disclosures)
{
    const int MostFilms = 50;

    /// <returns>Empty where there is no such study, or nothing to see.</returns>
    public async Task<IReadOnlyList<CoursePoint>> RunAsync(Guid studyId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var study = await db.Studies.AsNoTracking().SingleOrDefaultAsync(s => s.Id == studyId, cancellation);
        if (study is null)
        {
            return [];
        }

        var films = await (from s in db.Studies.AsNoTracking()
                           join p in db.Predictions on s.PredictionId equals p.Id
                           where s.Id == studyId || (study.PatientNumber != null && s.PatientNumber == study.PatientNumber)
                           orderby s.ReceivedAt descending
                           select new { s.Id, s.AcquiredOn, s.ReceivedAt, p.SeverityZones, p.SeverityLower, p.SeverityUpper })
            .Take(MostFilms).ToListAsync(cancellation);
        var points = new List<CoursePoint>();
        foreach (var film in films.Where(f => f.SeverityZones.Count > 0))
        {
            if (await IsRevealedAsync(db, film.Id, actor, cancellation))
            {
                points.Add(new(
                    film.Id, film.AcquiredOn ?? DateOnly.FromDateTime(film.ReceivedAt.UtcDateTime), film.SeverityZones,
                    film.SeverityZones.Sum(), film.SeverityLower ?? 0, film.SeverityUpper ?? 0));
            }
        }

        await disclosures.NoteAsync(db, points.Select(p => p.StudyId), actor, cancellation);
        return [.. points.OrderBy(p => p.On)];
    }

    async Task<bool> IsRevealedAsync(CovidCxrDbContext db, Guid studyId, Actor actor, CancellationToken cancellation)
    {
        var own = await db.Readings.AsNoTracking().Where(r => r.StudyId == studyId && r.ReaderId == actor.UserId)
            .ToListAsync(cancellation);
        return ReadingRules.IsRevealed(
            actor, await policies.TodayAsync(db, studyId, actor, cancellation), own,
            await Disclosures.IsAnyAsync(db, studyId, actor.UserId, cancellation));
    }
}
