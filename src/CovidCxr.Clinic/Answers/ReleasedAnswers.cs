using CovidCxr.Clinic.Policies;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Answers;

/// <summary>A study that may have an answer to be told outside this program.</summary>
public sealed record ReleasableStudy
{
    public Guid StudyId { get; init; }

    public Guid PredictionId { get; init; }

    /// <summary>The newest finished reading with this prediction in sight; null where there is none.</summary>
    public Guid? ReadingId { get; init; }
}

/// <summary>Whether an answer may leave this program now.</summary>
public abstract record AnswerRelease
{
    private AnswerRelease()
    {
    }

    /// <param name="Reading">Of <see cref="ReleasableStudy.ReadingId"/>.</param>
    public sealed record Released(Study Study, Prediction Prediction, ModelVersion Model, Reading? Reading, Assessment Assessment)
        : AnswerRelease
    {
        /// <summary>When this became the answer.</summary>
        public DateTimeOffset At => Reading?.CreatedAt ?? Prediction.CreatedAt;

        /// <summary>What spoke against relying on the model when this became the answer, as a sentence; null for nothing.</summary>
        public string? Warning { get; init; }
    }

    /// <param name="Reason">What it waits for; tells nothing of the answer.</param>
    public sealed record HeldBack(string Reason) : AnswerRelease;

    /// <param name="Reason">Why there is nothing to tell.</param>
    public sealed record Nothing(string Reason) : AnswerRelease;
}

/// <summary>
/// Which answers of the model may leave this program. Outside, anybody may look at them: so where the department reads blinded first,
/// nothing leaves before a reader has locked an opinion, and nothing while somebody is still asked to read the film blinded. Days by lot
/// count as blinded ones: what was sent on one day would be seen on the next.
/// </summary>
public sealed class ReleasedAnswers(IDbContextFactory<CovidCxrDbContext> contexts, GetReadingPolicy policies)
{
    internal const string NotYetRead = "Somebody has yet to read the film blinded.";

    /// <summary>
    /// Studies whose answer may leave now, to be narrowed by the caller. The withdrawn and the withheld are not among them, nor is a score
    /// that was asked for although it is withheld: who asked knows why, and an archive does not.
    /// </summary>
    public async Task<IQueryable<ReleasableStudy>> WithinAsync(CovidCxrDbContext db, CancellationToken cancellation) =>
        from s in await UnheldAsync(db, cancellation)
        where s.Status == StudyStatus.Ready && s.StatusReason == null && s.PredictionId != null
        select new ReleasableStudy
        {
            StudyId = s.Id,
            PredictionId = s.PredictionId!.Value,
            ReadingId = db.Readings.Where(r => r.StudyId == s.Id && r.PredictionId == s.PredictionId)
                .Where(r => r.Stage != ReadingStage.Blind && !db.Readings.Any(o => o.SupersedesId == r.Id))
                .OrderByDescending(r => r.CreatedAt).ThenByDescending(r => r.Id).Select(r => (Guid?)r.Id).FirstOrDefault(),
        };

    /// <summary>Studies of which the policy holds nothing back, whether there is an answer or not.</summary>
    internal async Task<IQueryable<Study>> UnheldAsync(CovidCxrDbContext db, CancellationToken cancellation)
    {
        var isOpen = (await policies.RunAsync(cancellation)).Current == ReadingPolicy.Concurrent;
        // Whether a second reader is drawn is known once the first has finished; a locked opinion is not enough then.
        var isDrawn = await db.QualitySettings.OrderByDescending(q => q.Id).Select(q => q.SecondReadEvery).FirstOrDefaultAsync(cancellation)
            > 0;
        return from s in db.Studies
               where (isOpen || db.Readings.Any(r => r.StudyId == s.Id && (!isDrawn || r.Stage != ReadingStage.Blind)))
                   && !db.Studies.Any(o =>
                       // The film and its copies: outside, the answer to one is the answer to all.
                       (o.Id == s.Id || o.Id == s.CopyOf || o.CopyOf == s.Id || (s.CopyOf != null && o.CopyOf == s.CopyOf))
                       && db.ReadRequests.Any(q => q.StudyId == o.Id && ((q.ReaderId == null && o.ReadCount < 2)
                           || (q.ReaderId != null && !db.Readings.Any(r => r.StudyId == o.Id && r.ReaderId == q.ReaderId)))
                           && !db.Disclosures.Any(d =>
                               d.StudyId == o.Id && (d.ReaderId == q.ReaderId || d.ReaderId == Disclosure.Everybody))))
               select s;
    }

    public async Task<AnswerRelease> FindAsync(Guid studyId, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var study = await db.AllStudies.AsNoTracking().SingleOrDefaultAsync(s => s.Id == studyId, cancellation);
        if (ReasonForNothing(study) is { } nothing)
        {
            return new AnswerRelease.Nothing(nothing);
        }

        if (study!.Status is StudyStatus.Queued or StudyStatus.Analysing)
        {
            return new AnswerRelease.HeldBack("The film is being analysed again.");
        }

        var releasable = await (await WithinAsync(db, cancellation)).Where(r => r.StudyId == studyId).SingleOrDefaultAsync(cancellation);
        if (releasable is null)
        {
            return new AnswerRelease.HeldBack(NotYetRead);
        }

        var prediction = await db.Predictions.AsNoTracking().SingleAsync(p => p.Id == releasable.PredictionId, cancellation);
        var model = await db.ModelVersions.AsNoTracking().SingleAsync(m => m.Id == prediction.ModelVersionId, cancellation);
        var reading = await db.Readings.AsNoTracking().SingleOrDefaultAsync(r => r.Id == releasable.ReadingId, cancellation);
        var released = new AnswerRelease.Released(study, prediction, model, reading, await AssessAsync(db, reading, cancellation));
        // What became known later would make another object of a second attempt.
        return released with { Warning = (await GetStudy.WarningsAsync(db, model.Id, released.At, cancellation)).Sentence };
    }

    static string? ReasonForNothing(Study? study) => study switch
    {
        null => "There is no such study.",
        { IsWithdrawn: true } => "The film was withdrawn.",
        { Status: StudyStatus.Withheld } or { Status: StudyStatus.Ready, StatusReason: not null } => "The model's answer is withheld.",
        { Status: StudyStatus.Failed } => "The analysis failed.",
        { Status: StudyStatus.Ready, PredictionId: null } => "There is no answer.",
        _ => null,
    };

    static async Task<Assessment> AssessAsync(CovidCxrDbContext db, Reading? reading, CancellationToken cancellation)
    {
        if (reading?.AgreesWithPrediction is not { } agrees)
        {
            return Assessment.NotRead;
        }

        if (!agrees)
        {
            return Assessment.Rejected;
        }

        var before = await db.Readings
            .Where(r => r.StudyId == reading.StudyId && r.ReaderId == reading.ReaderId && r.Stage == ReadingStage.Blind)
            .Select(r => (Opinion?)r.Opinion).FirstOrDefaultAsync(cancellation);
        return before is { } own && own != reading.Opinion ? Assessment.Changed : Assessment.Agreed;
    }
}
