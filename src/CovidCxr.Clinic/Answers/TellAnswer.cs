using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Answers;

/// <summary>
/// Tells another program the model's answer to a study, where it may leave this one. From then on it counts as disclosed to everybody.
/// </summary>
public sealed class TellAnswer(IDbContextFactory<CovidCxrDbContext> contexts, ReleasedAnswers answers, AuditLog audit, TimeProvider time)
{
    /// <returns>Null where there is no such study.</returns>
    public async Task<AnswerRelease?> RunAsync(Guid studyId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Program);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (!await db.AllStudies.AnyAsync(s => s.Id == studyId, cancellation))
        {
            return null;
        }

        var answer = await answers.FindAsync(studyId, cancellation);
        if (answer is AnswerRelease.Released released)
        {
            // Who asks today is told what is known today.
            answer = released with { Warning = (await GetStudy.WarningsAsync(db, released.Model.Id, null, cancellation)).Sentence };
            // Noted before it is told: what cannot be noted must not be seen.
            await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
            await Disclosures.NoteLeftAsync(db, studyId, time.GetUtcNow(), cancellation);
            audit.AddTo(db, actor, AuditAction.StudyView, AuditOutcome.Succeeded, studyId, "the model's answer");
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
        }

        return answer;
    }
}

/// <param name="HeldBack">Why they are not told, in words; null where they are.</param>
public sealed record ToldReadings(IReadOnlyList<ReadingView> Readings, string? HeldBack);

/// <summary>
/// Tells another program what readers said of a study. It tells the model's answer too, and so waits for what the answer waits for, and
/// discloses as it does. Beside an opinion, whether it agrees would tell an answer that is withheld: it is told where the answer is.
/// </summary>
public sealed class TellReadings(
    IDbContextFactory<CovidCxrDbContext> contexts, ReleasedAnswers answers, GetStudy studies, TimeProvider time)
{
    /// <returns>Null where there is no such study.</returns>
    public async Task<ToldReadings?> RunAsync(Guid studyId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Program);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (!await db.AllStudies.AnyAsync(s => s.Id == studyId, cancellation))
        {
            return null;
        }

        if (!await (await answers.UnheldAsync(db, cancellation)).AnyAsync(s => s.Id == studyId, cancellation))
        {
            return new([], ReleasedAnswers.NotYetRead);
        }

        if (await db.Readings.AnyAsync(r => r.StudyId == studyId, cancellation))
        {
            await Disclosures.NoteLeftAsync(db, studyId, time.GetUtcNow(), cancellation);
        }

        var isAnswerTold = await (await answers.WithinAsync(db, cancellation)).AnyAsync(r => r.StudyId == studyId, cancellation);
        var readings = (await studies.RunAsync(studyId, isView: true, actor, cancellation))!.Readings;
        return new(isAnswerTold ? readings : [.. readings.Select(r => r with { AgreesWithPrediction = null, HeatMapUseful = null })], null);
    }
}
