using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Patients;

/// <summary>
/// All visits of a patient, with what was said of each film as far as this person may know it. Null where no film has this number.
/// </summary>
public sealed class GetPatient(
    IDbContextFactory<CovidCxrDbContext> contexts, RevealedStudies revealed, Disclosures disclosures, ViewLog views)
{
    public const int MostFilms = 100;

    /// <param name="isView">True where a person opens the page, which the audit trail keeps for each film.</param>
    public async Task<Patient?> RunAsync(string number, bool isView, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (ImportStudy.Normalise(number) is not { } asked)
        {
            return null;
        }

        var of = db.Studies.AsNoTracking().Where(s => s.PatientNumber == asked);
        var studies = await of.OrderByDescending(s => s.ReceivedAt).ThenByDescending(s => s.Id).Take(MostFilms).ToListAsync(cancellation);
        var withdrawn = await db.AllStudies.AsNoTracking().Where(s => s.IsWithdrawn && s.PatientNumber == asked)
            .OrderByDescending(s => s.ReceivedAt).Take(MostFilms).ToListAsync(cancellation);
        if (studies.Count + withdrawn.Count == 0)
        {
            return null;
        }

        var films = await FilmsAsync(db, studies, actor, cancellation);
        if (isView)
        {
            foreach (var study in studies)
            {
                await views.NoteAsync(actor, AuditAction.StudyView, study.Id, "patient page");
            }
        }

        return new(
            studies.Concat(withdrawn).First().PatientNumber!, [.. films.OrderBy(f => f.On)], await of.CountAsync(cancellation),
            [.. withdrawn.Select(s => new WithdrawnFilm(s.Id, DayOf(s), s.View))],
            await ShownNotes.OfAsync(db, asked, actor, cancellation));
    }

    async Task<IEnumerable<PatientFilm>> FilmsAsync(
        CovidCxrDbContext db, List<Study> studies, Actor actor, CancellationToken cancellation)
    {
        var ids = studies.ConvertAll(s => s.Id);
        var seen = await (await revealed.ToAsync(db, actor, cancellation) ?? db.Studies).Where(s => ids.Contains(s.Id)).Select(s => s.Id)
            .ToHashSetAsync(cancellation);
        await disclosures.NoteAsync(db, seen, actor, cancellation);
        var answers = await AnswersAsync(db, [.. seen], cancellation);
        var readings = (await ReadingsAsync(db, ids, actor, cancellation)).ToLookup(r => r.StudyId);
        var findings = (await db.ReferenceFindings.AsNoTracking()
            .Where(f => ids.Contains(f.StudyId) && !db.ReferenceFindings.Any(o => o.SupersedesId == f.Id)).ToListAsync(cancellation))
            .ToLookup(f => f.StudyId, f => new FilmReference(f.Source, f.Result, f.FoundOn));
        var further = (await db.StudyImages.Where(i => ids.Contains(i.StudyId)).OrderBy(i => i.ReceivedAt).ThenBy(i => i.Id)
            .Select(i => new { i.StudyId, i.View }).ToListAsync(cancellation)).ToLookup(i => i.StudyId, i => i.View);
        return studies.Select(s =>
        {
            var (score, severity) = answers.GetValueOrDefault(s.Id);
            var isAll = actor.Is(Role.DepartmentLead) && seen.Contains(s.Id);
            List<FilmReading> shown = [.. readings[s.Id].Where(r => isAll || r.Reading.IsOwn).Select(r => r.Reading).OrderBy(r => r.At)];
            // The truth would be no help to an opinion but its answer.
            var mayKnow = !actor.Is(Role.Radiologist) || shown.Exists(r => r.IsOwn);
            return new PatientFilm(
                s.Id, DayOf(s), s.AcquiredOn is not null, s.View, s.Sex, s.BirthDate, s.AgeYears, !seen.Contains(s.Id), score,
                severity is null ? null : severity with { On = DayOf(s) }, shown,
                mayKnow ? [.. findings[s.Id].OrderBy(f => f.FoundOn)] : [])
            { FurtherViews = [.. further[s.Id]] };
        });
    }

    static async Task<Dictionary<Guid, (FilmScore Score, CoursePoint? Severity)>> AnswersAsync(
        CovidCxrDbContext db, List<Guid> seen, CancellationToken cancellation)
    {
        var rows = await (from s in db.Studies.AsNoTracking()
                          join p in db.Predictions on s.PredictionId equals p.Id
                          join m in db.ModelVersions on p.ModelVersionId equals m.Id
                          where seen.Contains(s.Id)
                          select new
                          {
                              s.Id,
                              p.Classes,
                              p.Probabilities,
                              p.PositiveIndex,
                              p.Threshold,
                              m.Number,
                              p.SeverityZones,
                              p.SeverityLower,
                              p.SeverityUpper,
                          }).ToListAsync(cancellation);
        return rows.ToDictionary(r => r.Id, r => (
            new FilmScore(r.Classes[r.PositiveIndex], r.Probabilities[r.PositiveIndex], r.Threshold, r.Number),
            r.SeverityZones.Count == 0
                ? null
                : new CoursePoint(r.Id, default, r.SeverityZones, r.SeverityZones.Sum(), r.SeverityLower ?? 0, r.SeverityUpper ?? 0)));
    }

    static async Task<List<(Guid StudyId, FilmReading Reading)>> ReadingsAsync(
        CovidCxrDbContext db, List<Guid> ids, Actor actor, CancellationToken cancellation)
    {
        var rows = await (from r in db.Readings
                          join u in db.Users on r.ReaderId equals u.Id
                          where ids.Contains(r.StudyId) && r.Stage != ReadingStage.Blind && !db.Readings.Any(o => o.SupersedesId == r.Id)
                          select new { r.StudyId, u.ShownName, r.ReaderId, r.Opinion, r.Confidence, r.CreatedAt })
            .ToListAsync(cancellation);
        return rows.ConvertAll(r => (
            r.StudyId, new FilmReading(r.ShownName, r.ReaderId == actor.UserId, r.Opinion, r.Confidence, r.CreatedAt)));
    }

    static DateOnly DayOf(Study study) => study.AcquiredOn ?? DateOnly.FromDateTime(study.ReceivedAt.UtcDateTime);
}
