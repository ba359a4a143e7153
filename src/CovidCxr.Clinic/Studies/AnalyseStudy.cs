using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using System.Text.Json;
using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Jobs;
using CovidCxr.Domain.Studies;
using CovidCxr.Engine.Serving;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Platform.Audit;
using CovidCxr.Platform.Jobs;
using CovidCxr.Platform.Nodes;
using CovidCxr.Platform.Telemetry;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Studies;

/// <summary>
/// The job behind every upload: decode, infer, store the prediction. Where the principal image is withheld for what it is, the next image
/// of the visit takes its place and is looked at, so that of a lateral and a frontal film without a view the frontal one is scored.
/// </summary>
public sealed class AnalyseStudy(
    IDbContextFactory<CovidCxrDbContext> contexts, DecodedScans decoded, StoredScans stored, SmallFilms films, InferenceService serving,
    JobQueue jobs, AuditLog audit, StudyChanges changes, ThisNode node, TimeProvider time)
    : IJobHandler
{
    public const string JobKind = "analyse-study";

    static readonly Histogram<double> Predictions = Instruments.Meter.CreateHistogram(
        "covidcxr.prediction.duration", "s", "Of the network and what stands around it, by the model's hash.", tags: null,
        Instruments.Seconds);

    public sealed record Payload(Guid StudyId);

    public string Kind => JobKind;

    public bool CanRun => serving.Model is not null && !node.IsBehind;

    public async Task<Func<CovidCxrDbContext, Task>> RunAsync(Job job, CancellationToken cancellation)
    {
        var studyId = StudyOf(job);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await db.AllStudies.Where(s => s.Id == studyId && s.Status == StudyStatus.Queued)
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.Status, StudyStatus.Analysing), cancellation);
        changes.Publish(studyId);

        if (await db.AllStudies.Where(s => s.Id == studyId).Select(s => s.ImageKey).SingleOrDefaultAsync(cancellation) is not { } key)
        {
            // Put back as an image of another study.
            return _ => Task.CompletedTask;
        }

        var image = decoded.Take(key) ?? await ReadAsync(key, cancellation);
        var inference = await InferAsync(image, cancellation);
        films.Prepare(key, image);
        return result => StoreAsync(result, studyId, key, inference);
    }

    public async Task GiveUpAsync(CovidCxrDbContext db, Job job)
    {
        if (await db.AllStudies.SingleOrDefaultAsync(s => s.Id == StudyOf(job)) is not { } study || await IsAnsweredAsync(db, study))
        {
            return;
        }

        (study.Status, study.StatusReason) = (
            StudyStatus.Failed,
            "The analysis failed several times. The X-ray can be read without it; the administrator finds the cause in the log.");
        audit.AddTo(db, actor: null, AuditAction.StudyAnalysis, AuditOutcome.Failed, study.Id);
    }

    public void Ended(Job job)
    {
        changes.Publish(StudyOf(job));
        // Another image of the visit may have been queued.
        jobs.Wake(JobKind);
    }

    /// <summary>Why what the file and people say speaks against a score; null where it does not.</summary>
    internal static string? ReasonToWithhold(Study study) =>
        ScoreRules.ReasonToWithhold(study.AgeYears, study.View, study.Modality, study.BodyPart, study.PresentationIntent);

    // By the job of the image that took the place of another: a job of before may come again.
    static async Task<bool> IsAnsweredAsync(CovidCxrDbContext db, Study study) =>
        study.Status is not (StudyStatus.Queued or StudyStatus.Analysing) && await db.StudyImages.AnyAsync(i => i.StudyId == study.Id);

    static Guid StudyOf(Job job) => JsonSerializer.Deserialize<Payload>(job.Payload)!.StudyId;

    async Task<GreyImage> ReadAsync(string key, CancellationToken cancellation)
    {
        using var span = Instruments.Source.StartActivity("decode");
        return await stored.ReadAsync(key, cancellation);
    }

    async Task<ScanInference> InferAsync(GreyImage image, CancellationToken cancellation)
    {
        using var span = Instruments.Source.StartActivity("infer");
        var inference = await serving.RunAsync(image, InferencePriority.Reader, cancellation);
        Predictions.Record(inference.Elapsed.TotalSeconds, new KeyValuePair<string, object?>("model.sha256", inference.ModelSha256));
        return inference;
    }

    async Task StoreAsync(CovidCxrDbContext db, Guid studyId, string key, ScanInference inference)
    {
        if (await db.AllStudies.SingleOrDefaultAsync(s => s.Id == studyId) is not { } study || study.ImageKey != key
            || await IsAnsweredAsync(db, study))
        {
            // Another image is the principal one by now, with a job of its own, or has been answered by that.
            return;
        }

        var reason = ReasonToWithhold(study) ?? inference.Guard.Reason;
        if (reason is not null && study.ScoreDemandReason is null)
        {
            (study.Status, study.StatusReason) = (StudyStatus.Withheld, reason);
            // An answer of before the film was called lateral, or a child's.
            (study.PredictionId, study.PredictedClass, study.Probability) = (null, null, null);
            audit.AddTo(db, actor: null, AuditAction.StudyAnalysis, AuditOutcome.Refused, studyId, "withheld");
            if (study.AgeYears is not < ScoreRules.AdultAge && await VisitImages.PromoteNextAsync(db, study))
            {
                jobs.AddTo(db, JobKind, JsonSerializer.Serialize(new Payload(studyId)));
            }

            return;
        }

        var model = inference.Model;
        var answered = await db.ModelVersions.Where(m => m.Sha256 == inference.ModelSha256).Select(m => new { m.Id, m.IsActive })
            .SingleAsync();
        var version = answered.Id;
        if (!answered.IsActive && node.MayHaveOthers)
        {
            // Another program has put another one to work, which this one loads in a moment: it answers at the next attempt.
            throw new InvalidOperationException("The version that answered is not the active one any more.");
        }

        // Where the version was accepted here, the threshold that was chosen here decides.
        var threshold = (await LocalThreshold.FindAsync(db, version, CancellationToken.None))?.Threshold ?? model.Threshold;
        var decided = model.Decide(inference.Probabilities, threshold);
        var prediction = new Prediction
        {
            StudyId = studyId,
            ModelVersionId = version,
            CreatedAt = time.GetUtcNow(),
            Classes = model.Classes,
            Probabilities = [.. inference.Probabilities.Select(p => (double)p)],
            PositiveIndex = model.PositiveClass,
            Threshold = threshold,
            PredictedIndex = decided,
            Elapsed = inference.Elapsed,
            Device = inference.Device,
            HeatMaps = [.. inference.HeatMaps.SelectMany(m => MemoryMarshal.AsBytes<float>(m.Values).ToArray())],
            MapWidth = inference.HeatMaps[0].Width,
            MapHeight = inference.HeatMaps[0].Height,
            InLungs = inference.InLungsByClass[decided],
            SeverityZones = inference.Severity?.Zones ?? [],
            SeverityLower = inference.Severity?.Lower,
            SeverityUpper = inference.Severity?.Upper,
            LungScores = [.. (inference.Severity?.Scores ?? []).Select(s => new LungScore(s.Name, s.Value, s.Lower, s.Upper, s.Max))],
        };
        db.Predictions.Add(prediction);
        (study.Status, study.StatusReason) = (StudyStatus.Ready, reason);
        study.PredictionId = prediction.Id;
        study.PredictedClass = model.Classes[decided];
        study.Probability = inference.Probabilities[model.PositiveClass];
        audit.AddTo(db, actor: null, AuditAction.StudyAnalysis, AuditOutcome.Succeeded, studyId);
        await ShadowQueue.AddToAsync(db, studyId, time.GetUtcNow());
    }
}
