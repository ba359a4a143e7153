using CovidCxr.Clinic.Policies;
using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Learning.Gate;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Studies;

/// <summary>Opens a study for a person. Null where there is none with this id.</summary>
public sealed class GetStudy(
    IDbContextFactory<CovidCxrDbContext> contexts, GetReadingPolicy policies, RevealedStudies revealed, Disclosures disclosures,
    ViewLog views)
{
    /// <param name="isView">True where a person opens the page, which the audit trail keeps; false where an open page refreshes
    /// itself.</param>
    public async Task<StudyDetail?> RunAsync(Guid studyId, bool isView, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var study = await db.AllStudies.AsNoTracking().SingleOrDefaultAsync(s => s.Id == studyId, cancellation);
        if (study is null)
        {
            return null;
        }

        var policy = await policies.TodayAsync(db, studyId, actor, cancellation);
        var isLead = actor.Is(Role.DepartmentLead);
        var own = await db.Readings.AsNoTracking().Where(r => r.StudyId == studyId && r.ReaderId == actor.UserId).ToListAsync(cancellation);
        var isDisclosed = await Disclosures.IsAnyAsync(db, studyId, actor.UserId, cancellation);
        var isRevealed = ReadingRules.IsRevealed(actor, policy, own, isDisclosed);
        var canRead = actor.Is(Role.Radiologist);
        // A withdrawn film is looked at, and neither read nor judged.
        var isShown = isRevealed && !study.IsWithdrawn;
        if (isShown)
        {
            await disclosures.NoteAsync(db, [studyId], actor, cancellation);
        }

        var isRead = await db.Readings.AnyAsync(r => r.StudyId == studyId, cancellation);
        var detail = new StudyDetail(
            study.Id, study.PatientNumber, study.Sex, study.AgeYears, study.AcquiredOn, study.View, study.ReceivedAt, study.Width,
            study.Height, study.BitsStored, study.Status, study.StatusReason,
            study.ScoreDemandReason, policy, isRevealed,
            isShown ? await PredictionAsync(db, study, actor, cancellation) : null, canRead,
            canRead && !study.IsWithdrawn ? ReadingRules.NextStage(policy, own, isDisclosed) : null,
            // What others say of the model's answer waits too, where this person may read the film once it is brought back.
            await ReadingsAsync(
                db, studyId, isLead && (canRead ? isShown : isRevealed) ? null : actor.UserId, actor.UserId, cancellation),
            canRead && !study.IsWithdrawn ? ReadingRules.Correctable(own)?.Id : null, await EarlierAsync(db, study, cancellation),
            isDisclosed && policy == ReadingPolicy.BlindedFirst && own.Count == 0)
        {
            BirthDate = study.BirthDate,
            Laterality = study.Laterality,
            PixelHash = study.PixelHash,
            Images = await db.StudyImages.Where(i => i.StudyId == studyId).OrderBy(i => i.ReceivedAt).ThenBy(i => i.Id)
                .Select(i => new StudyImageView(
                    i.Id, i.View, i.Laterality, i.Width, i.Height, i.BitsStored, i.ReceivedAt, i.WithheldReason))
                .ToListAsync(cancellation),
            HasLateImage = await LateImages.StudiesFor(db, actor).AnyAsync(id => id == studyId, cancellation),
            CanAddImage = !study.IsWithdrawn && VisitImages.MayAdd(actor, isRead),
            Urgency = study.Urgency,
            AssignedTo = study.AssignedTo,
            AssignedToName = study.AssignedTo is { } reader
                ? await db.Users.Where(u => u.Id == reader).Select(u => u.ShownName).SingleOrDefaultAsync(cancellation)
                : null,
            IsWithdrawn = study.IsWithdrawn,
            CanChange = StudyChange.IsAllowed(actor, study.UploadedBy, isRead),
            Changes = await db.StudyChanges.AsNoTracking().Where(c => c.StudyId == studyId).OrderByDescending(c => c.Id)
                .ToListAsync(cancellation),
        };
        if (isView)
        {
            await views.NoteAsync(actor, AuditAction.StudyView, studyId);
        }

        return detail;
    }

    async Task<PredictionView?> PredictionAsync(CovidCxrDbContext db, Study study, Actor actor, CancellationToken cancellation)
    {
        if (await StoredAsync(db, study, cancellation) is not { } stored)
        {
            return null;
        }

        var shown = stored with { Warnings = await WarningsAsync(db, stored.ModelVersionId, null, cancellation) };
        return !ReadDisease.Is(shown.Classes[shown.PositiveIndex])
            ? shown
            : shown with
            {
                Meaning = await ScoreMeaning.ReadAsync(
                    db, await revealed.ToAsync(db, actor, cancellation), study.Id, shown, cancellation),
                AcceptedHere = await LocalThreshold.FindAsync(db, shown.ModelVersionId, cancellation),
            };
    }

    /// <param name="until">Results of the gate that are later do not count; null where all do.</param>
    internal static async Task<ModelWarnings> WarningsAsync(
        CovidCxrDbContext db, Guid versionId, DateTimeOffset? until, CancellationToken cancellation)
    {
        var version = await db.ModelVersions.Where(m => m.Id == versionId).Select(m => new { m.HeaderJson, m.Sha256 })
            .SingleAsync(cancellation);
        var results = await db.GateResults.Where(g => g.ModelVersionId == versionId && (until == null || g.MeasuredAt <= until))
            .OrderByDescending(g => g.Id)
            .Select(g => g.Evidence).ToListAsync(cancellation);
        return ModelWarnings.Of(version.HeaderJson, version.Sha256, results);
    }

    static async Task<PredictionView?> StoredAsync(CovidCxrDbContext db, Study study, CancellationToken cancellation) =>
        await (from p in db.Predictions
               join m in db.ModelVersions on p.ModelVersionId equals m.Id
               where p.Id == study.PredictionId
               select new PredictionView(
                   p.Id, p.Classes, p.Probabilities, p.PositiveIndex, p.Threshold, p.PredictedIndex, m.Id, m.Number, m.Name, p.CreatedAt,
                   p.Elapsed, p.Device, p.MapWidth, p.MapHeight, p.InLungs, p.SeverityZones, p.SeverityLower, p.SeverityUpper,
                   p.LungScores))
            .SingleOrDefaultAsync(cancellation);

    static async Task<IReadOnlyList<ReadingView>> ReadingsAsync(
        CovidCxrDbContext db, Guid studyId, Guid? onlyBy, Guid self, CancellationToken cancellation) =>
        await (from r in db.Readings
               join u in db.Users on r.ReaderId equals u.Id
               where r.StudyId == studyId && (onlyBy == null || r.ReaderId == onlyBy)
               orderby r.CreatedAt, r.Stage, r.Id
               select new ReadingView(
                   r.Id, u.ShownName, r.ReaderId == self, r.Stage, r.Opinion, r.Confidence, r.AgreesWithPrediction, r.HeatMapUseful, r.Note,
                   r.CreatedAt,
                   db.Readings.Any(o => o.SupersedesId == r.Id))
               { PredictionId = r.PredictionId })
            .ToListAsync(cancellation);

    static async Task<IReadOnlyList<EarlierStudy>> EarlierAsync(CovidCxrDbContext db, Study study, CancellationToken cancellation) =>
        study.PatientNumber is null
            ? []
            : await db.Studies.Where(s => s.PatientNumber == study.PatientNumber && s.Id != study.Id)
                .OrderByDescending(s => s.AcquiredOn).ThenByDescending(s => s.ReceivedAt).Take(50)
                .Select(s => new EarlierStudy(s.Id, s.ReceivedAt, s.AcquiredOn, s.View)).ToListAsync(cancellation);
}
