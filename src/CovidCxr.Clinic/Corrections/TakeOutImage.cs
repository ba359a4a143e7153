using System.Text.Json;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Platform.Jobs;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace CovidCxr.Clinic.Corrections;

/// <param name="LastSeen">The study's newest change when the form was opened, 0 for none: refused where there is another by now.</param>
public sealed record TakeOutImageRequest(Guid StudyId, Guid ImageId, string? Reason, long LastSeen);

/// <summary>
/// Makes a further image a study of its own, as a repeat that shall be scored. Whoever has read the study, or was shown its answer, has
/// seen the image beside it: none of them reads it blind.
/// </summary>
public sealed class TakeOutImage(
    IDbContextFactory<CovidCxrDbContext> contexts, FilmCopies copies, JobQueue jobs, AuditLog audit, StudyChanges changes,
    TimeProvider time)
{
    public async Task<ChangeStudyResult> RunAsync(TakeOutImageRequest request, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await copies.CatchUpAsync(db, cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var study = await db.AllStudies.SingleOrDefaultAsync(s => s.Id == request.StudyId, cancellation);
        var image = await db.StudyImages.SingleOrDefaultAsync(
            i => i.Id == request.ImageId && i.StudyId == request.StudyId, cancellation);
        if (study is null || image is null)
        {
            return new ChangeStudyResult.Refused("There is no such image any more. Look at the study again.");
        }

        if (await RefusalAsync(db, study, request, actor, cancellation) is { } refusal)
        {
            audit.AddTo(db, actor, AuditAction.StudyChange, AuditOutcome.Refused, study.Id, refusal);
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return new ChangeStudyResult.Refused(refusal);
        }

        var own = await AddStudyAsync(db, study, image, cancellation);
        db.StudyImages.Remove(image);
        jobs.AddTo(db, AnalyseStudy.JobKind, JsonSerializer.Serialize(new AnalyseStudy.Payload(own.Id)));
        Note(db, study, own.Id, StudyChangeKind.TakeOut, request.Reason!, undoes: null, actor);
        await db.SaveChangesAsync(cancellation);
        await db.ReceivedObjects.Where(r => r.StudyId == study.Id && r.InstanceUid != null && r.InstanceUid == image.DicomInstanceUid)
            .ExecuteUpdateAsync(s => s.SetProperty(r => r.StudyId, own.Id), cancellation);
        await transaction.CommitAsync(cancellation);
        jobs.Wake(AnalyseStudy.JobKind);
        changes.Publish(study.Id);
        changes.Publish(own.Id);
        return new ChangeStudyResult.Changed(1);
    }

    static async Task<string?> RefusalAsync(
        CovidCxrDbContext db, Study study, TakeOutImageRequest request, Actor actor, CancellationToken cancellation)
    {
        var newest = await db.StudyChanges.AsNoTracking().Where(c => c.StudyId == study.Id).OrderByDescending(c => c.Id)
            .FirstOrDefaultAsync(cancellation);
        return newest is not null && newest.Id != request.LastSeen
            ? $"{newest.ChangedByName} has changed this study meanwhile. Look at it again."
            : study.IsWithdrawn
            ? "The study is withdrawn. Bring it back first."
            : !StudyChange.IsAllowed(actor, study.UploadedBy, await db.Readings.AnyAsync(r => r.StudyId == study.Id, cancellation))
            ? "The department lead takes an image out; the radiologist who uploaded the study too, until somebody has read it."
            : StudyChange.Refusal(request.Reason);
    }

    // Of the same patient and day, under the image's own id, with the image as it came.
    async Task<Study> AddStudyAsync(CovidCxrDbContext db, Study from, StudyImage image, CancellationToken cancellation)
    {
        var own = new Study
        {
            Id = image.Id,
            PixelHash = image.PixelHash,
            ImageKey = image.ImageKey,
            ReceivedAt = image.ReceivedAt,
            UploadedBy = image.UploadedBy,
            AccessionNumber = from.AccessionNumber,
        };
        (StudyParticulars.Of(from) with { View = image.View }).ApplyTo(own);
        image.ReplacePrincipalOf(own);
        if (await db.StudyAppearances.AsNoTracking().SingleOrDefaultAsync(a => a.ImageId == image.Id, cancellation) is { } look)
        {
            // A phantom, which is compared with none, has no fine structure.
            own.CopyOf = look.Thumbnail.Length == 0
                ? null
                : await copies.FindAsync(db, FilmCopies.ToFilm(look), cancellation, exceptImage: image.Id);
        }

        db.Studies.Add(own);
        await db.SaveChangesAsync(cancellation);
        await db.StudyAppearances.Where(a => a.ImageId == image.Id).ExecuteUpdateAsync(
            s => s.SetProperty(a => a.StudyId, own.Id).SetProperty(a => a.ImageId, (Guid?)null), cancellation);
        await Disclosures.CarryAsync(db, own.Id, from.Id, cancellation);
        await db.SaveChangesAsync(cancellation);
        if (own.CopyOf is { } original && original != from.Id)
        {
            await Disclosures.CarryAsync(db, own.Id, original, cancellation);
        }

        return own;
    }

    /// <summary>Why an image that was taken out must stay a study of its own; null where it need not.</summary>
    internal static async Task<string?> RefusalToPutBackAsync(CovidCxrDbContext db, Guid image, CancellationToken cancellation)
    {
        var isUntouched = await db.AllStudies.AnyAsync(
            s => s.Id == image && !s.IsWithdrawn && !db.Readings.Any(r => r.StudyId == image) && !db.KeptDrafts.Any(d => d.StudyId == image)
                && !db.ReadRequests.Any(r => r.StudyId == image) && !db.ReferenceFindings.Any(f => f.StudyId == image)
                && !db.StudyChanges.Any(c => c.StudyId == image) && !db.OutgoingResults.Any(r => r.StudyId == image)
                && !db.StudyImages.Any(i => i.StudyId == image) && s.ScoreDemandReason == null
                && s.Urgency == null && s.AssignedTo == null
                && !db.Studies.Any(c => c.CopyOf == image),
            cancellation);
        return isUntouched
            ? null
            : "The image that was taken out was begun, changed, asked for or sent by now, and stays a study of its own.";
    }

    internal async Task<ChangeStudyResult> PutBackAsync(
        CovidCxrDbContext db, IDbContextTransaction transaction, Study study, Guid imageId, long undoes, string reason, Actor actor,
        CancellationToken cancellation)
    {
        var own = await db.Studies.AsNoTracking().SingleAsync(s => s.Id == imageId, cancellation);
        await db.StudyAppearances.Where(a => a.StudyId == imageId).ExecuteUpdateAsync(
            s => s.SetProperty(a => a.StudyId, study.Id).SetProperty(a => a.ImageId, imageId), cancellation);
        await db.ReceivedObjects.Where(r => r.StudyId == imageId)
            .ExecuteUpdateAsync(s => s.SetProperty(r => r.StudyId, study.Id), cancellation);
        // Whoever was shown the image's answer has seen one to this chest of that day.
        await Disclosures.CarryAsync(db, study.Id, imageId, cancellation);
        await db.SaveChangesAsync(cancellation);
        await db.RemoveUnreadAsync(imageId, cancellation);
        // Whoever read the study meanwhile, or before, has not seen the image beside it since.
        var isLate = await db.Readings.AnyAsync(r => r.StudyId == study.Id, cancellation);
        db.StudyImages.Add(StudyImage.OfPrincipal(own, study.Id, imageId, isLate, isLate ? time.GetUtcNow() : own.ReceivedAt));
        Note(db, study, imageId, StudyChangeKind.Undo, reason, undoes, actor);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        changes.Publish(study.Id);
        changes.Publish(imageId);
        return new ChangeStudyResult.Changed(1);
    }

    void Note(CovidCxrDbContext db, Study study, Guid image, StudyChangeKind kind, string reason, long? undoes, Actor actor)
    {
        var particulars = StudyParticulars.Of(study);
        db.StudyChanges.Add(new()
        {
            StudyId = study.Id,
            ActionId = Guid.CreateVersion7(),
            Before = particulars,
            After = particulars,
            Reason = reason.Trim(),
            ChangedBy = actor.UserId,
            ChangedByName = actor.UserName,
            ChangedAt = time.GetUtcNow(),
            UndoesId = undoes,
            ImageId = image,
        });
        var (inside, outside) = ($"an image of {study.Id}", $"a study of its own, {image}");
        var (before, after) = undoes is null ? (inside, outside) : (outside, inside);
        foreach (var about in new[] { study.Id, image })
        {
            audit.AddTo(db, actor, AuditAction.StudyChange, AuditOutcome.Succeeded, about, $"{kind}: image {image}", before, after);
        }
    }
}
