using CovidCxr.Clinic.Policies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Readings;

/// <param name="SubmissionId">New for every submission the person makes; the same one twice is recorded once.</param>
/// <param name="Stage">The stage that the form was filled for; refused where it is another's turn by now.</param>
/// <param name="CorrectsId">The reader's own finished reading that this replaces; null for a new one.</param>
/// <param name="ShownPredictionId">The prediction that was on the page; null where none was.</param>
public sealed record RecordReadingRequest(
    Guid SubmissionId, Guid StudyId, ReadingStage Stage, Opinion Opinion, int Confidence, bool? AgreesWithPrediction, bool? HeatMapUseful,
    string? Note, Guid? ShownPredictionId, Guid? CorrectsId = null)
{
    /// <summary>How many further images of the visit were on the page; refused where there are others by now. Null is not asked.</summary>
    public int? ShownImages { get; init; }
}

public abstract record RecordReadingResult
{
    private RecordReadingResult()
    {
    }

    public sealed record Recorded(Guid ReadingId) : RecordReadingResult;

    public sealed record Refused(string Message) : RecordReadingResult;
}

/// <summary>Adds a reading under the rules of the policy, or a correction. Nothing is ever overwritten.</summary>
public sealed class RecordReading(
    IDbContextFactory<CovidCxrDbContext> contexts, GetReadingPolicy policies, Drafts drafts, AuditLog audit, StudyChanges changes,
    TimeProvider time)
{
    public async Task<RecordReadingResult> RunAsync(RecordReadingRequest request, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (await db.Readings.SingleOrDefaultAsync(r => r.SubmissionId == request.SubmissionId, cancellation) is { } known)
        {
            return known.ReaderId == actor.UserId
                ? new RecordReadingResult.Recorded(known.Id)
                : new RecordReadingResult.Refused("This submission belongs to another reader.");
        }

        var study = await db.AllStudies.SingleOrDefaultAsync(s => s.Id == request.StudyId, cancellation);
        var own = await db.Readings.Where(r => r.StudyId == request.StudyId && r.ReaderId == actor.UserId).ToListAsync(cancellation);
        var policy = await policies.TodayAsync(db, request.StudyId, actor, cancellation);
        var shown = await db.Predictions.Where(p => p.Id == request.ShownPredictionId && p.StudyId == request.StudyId)
            .Select(p => new ShownAnswer(p.Classes, p.PositiveIndex, p.PredictedIndex)).SingleOrDefaultAsync(cancellation);
        var isDisclosed = await Disclosures.IsAnyAsync(db, request.StudyId, actor.UserId, cancellation);
        var images = await db.StudyImages.CountAsync(i => i.StudyId == request.StudyId, cancellation);
        if ((request.ShownImages is { } seen && seen != images ? OtherImages : Refusal(request, study, own, policy, isDisclosed, shown))
            is { } refusal)
        {
            audit.AddTo(db, actor, ActionOf(request), AuditOutcome.Refused, study?.Id, refusal);
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            if (study?.IsWithdrawn == true && request.CorrectsId is null)
            {
                await drafts.KeepAsync(
                    study.Id, request.Opinion, request.Confidence, request.AgreesWithPrediction, request.HeatMapUseful, request.Note,
                    actor, cancellation);
            }

            return new RecordReadingResult.Refused(refusal);
        }

        var reading = Create(request, actor);
        db.Readings.Add(reading);
        study!.ReadCount += reading.Stage != ReadingStage.Blind && reading.SupersedesId is null ? 1 : 0;
        await ReadingConsequences.AddAsync(db, audit, study, reading, actor, cancellation);
        audit.AddTo(db, actor, ActionOf(request), AuditOutcome.Succeeded, study.Id, reading.Stage.ToString());
        try
        {
            await db.SaveChangesAsync(cancellation);
            await Drafts.RemoveAsync(db, study.Id, actor.UserId, cancellation);
            await transaction.CommitAsync(cancellation);
        }
        catch (DbUpdateException)
        {
            const string Raced = "This reading was just recorded from another window. Reload the page.";
            await transaction.RollbackAsync(CancellationToken.None);
            await audit.RecordAsync(actor, ActionOf(request), AuditOutcome.Refused, study.Id, Raced);
            return new RecordReadingResult.Refused(Raced);
        }

        changes.Publish(study.Id);
        return new RecordReadingResult.Recorded(reading.Id);
    }

    const string OtherImages =
        "An image came to this study, or was taken out of it, since the page was opened. Look at it again, and save then.";

    sealed record ShownAnswer(IReadOnlyList<string> Classes, int Positive, int Predicted);

    static AuditAction ActionOf(RecordReadingRequest request) =>
        request.CorrectsId is null ? AuditAction.ReadingRecord : AuditAction.ReadingCorrect;

    static string? Refusal(
        RecordReadingRequest request, Study? study, List<Reading> own, ReadingPolicy policy, bool isDisclosed, ShownAnswer? shown)
    {
        if (study is null)
        {
            return "There is no such study.";
        }

        if (study.IsWithdrawn)
        {
            return request.CorrectsId is null
                ? "The study was withdrawn, so no reading of it is taken. What you have chosen is kept and is there again when the study "
                    + "is brought back."
                : "The study was withdrawn: readings of it stand as they are until it is brought back.";
        }

        if (request.CorrectsId is { } corrected)
        {
            var correctable = ReadingRules.Correctable(own);
            if (correctable?.Id != corrected || correctable.Stage != request.Stage)
            {
                return "Only your own latest finished reading can be corrected; a blind one stays locked.";
            }
        }
        else if (request.Stage == ReadingStage.Blind && isDisclosed && own.Count == 0)
        {
            return "You have been shown the model's answer to this study, or it has left for the hospital's archive. So it cannot be read "
                + "blind any more. Reload the page.";
        }
        else if (ReadingRules.NextStage(policy, own, isDisclosed) != request.Stage)
        {
            return "The study has moved on since the form was opened. Reload the page.";
        }

        var isShown = request.Stage != ReadingStage.Blind && request.ShownPredictionId is not null;
        return isShown && (shown is null || (request.ShownPredictionId != study.PredictionId && request.CorrectsId is null))
            ? "The prediction has changed since the form was opened. Reload the page."
            : ReadingRules.Refusal(
                request.Stage, request.Opinion, request.Confidence, request.AgreesWithPrediction, request.HeatMapUseful, request.Note,
                isShown, isShown ? ReadDisease.IsAnswer(shown!.Classes, shown.Positive, shown.Predicted) : null);
    }

    Reading Create(RecordReadingRequest request, Actor actor) => new()
    {
        StudyId = request.StudyId,
        ReaderId = actor.UserId,
        Stage = request.Stage,
        Opinion = request.Opinion,
        Confidence = request.Confidence,
        AgreesWithPrediction = request.AgreesWithPrediction,
        HeatMapUseful = request.HeatMapUseful,
        Note = string.IsNullOrWhiteSpace(request.Note) ? null : request.Note.Trim(),
        PredictionId = request.Stage == ReadingStage.Blind ? null : request.ShownPredictionId,
        SupersedesId = request.CorrectsId,
        CreatedAt = time.GetUtcNow(),
        SubmissionId = request.SubmissionId,
    };
}
