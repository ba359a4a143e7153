using System.Globalization;
using CovidCxr.Laboratory.Plans;
using CovidCxr.Learning.Gate;
using static CovidCxr.Laboratory.Cards.ItemAnswer;

namespace CovidCxr.Laboratory.Cards;

/// <summary>What is recorded of the undertaking as a whole: why, by whom, and what may be said of it.</summary>
sealed class StudyAnswers(CardFacts facts)
{
    public ItemAnswer Summary => facts.Acceptance?.Results is [var newest, ..]
        ? InPart($"No abstract is written here. The gate's last result in one sentence: {newest.Summary}", MeasuredOn(newest))
        : NotDone("No abstract is written here, and the gate has not judged this version.");

    public ItemAnswer Background => InPart(facts.Header.Card.IntendedUse, "The scientific background is not recorded.");

    public static ItemAnswer Context => NotRecorded("The healthcare context and other models for the same purpose are not recorded.");

    public static ItemAnswer Users => NotRecorded(
        "What users have to know, and what they must do with the input, is not recorded with the model.");

    public static ItemAnswer Inequalities => NotRecorded("No inequality between groups of patients is recorded.");

    public ItemAnswer Aims => facts.Acceptance?.Plan switch
    {
        { Plan: { } plan } planned => Off(
            planned,
            $"Planned before the training: {plan.Change}", $"Why: {plan.Why}",
            Say($"Judged by {MetricOf(plan)} on {plan.Data}; area and sensitivity must surely be less than {plan.Margin} below the active ")
                + "version's.",
            plan.HeldOut.Count > 0 ? $"Held out: {string.Join(", ", plan.HeldOut)}." : null),
        { IsExploration: true } => NotDone("The run was an exploration: nothing was planned before it."),
        _ => NotRecorded("No plan was recorded before the training."),
    };

    static ItemAnswer Off(RunPlan planned, params IEnumerable<string?> sentences) => planned.Deviation is { } deviation
        ? InPart([.. sentences, $"The run is off its plan. {deviation}"])
        : Recorded(sentences);

    static string MetricOf(TrainingPlan plan) => plan.Metric == PlannedMetric.Area ? "the area under the ROC curve" : "sensitivity";

    public ItemAnswer Direction => facts is { DataSet: { } data, RunCreatedAt: { } run } && data.CreatedAt <= run
        ? Recorded($"Retrospective: the images were there ({Day(data.CreatedAt)}) before the training began ({Day(run)}).")
        : NotRecorded("When the images were collected, and when it was planned, is not recorded.");

    public ItemAnswer Goal => facts.Header.Training is { } training
        ? InPart($"Development of a model on {training.DataSet}, and an evaluation of it.", "No other purpose is recorded.")
        : NotRecorded("The model was not trained here, and its file does not say how.");

    public ItemAnswer SampleSize => facts.Evaluation is { } evaluation
        ? NotRecorded(
            "No sample size was planned. "
                + Say($"{evaluation.Overall.Images} films of {evaluation.Overall.Patients} patients were evaluated."))
        : NotRecorded("No sample size was planned.");

    public static ItemAnswer Registration => NotRecorded("No registration as a trial or study is recorded.");

    public static ItemAnswer Ethics => NotRecorded("No approval, consent or waiver is recorded.");

    public static ItemAnswer Conflicts => NotRecorded("No statement is recorded.");

    public static ItemAnswer Funding => NotRecorded("No funding is recorded.");

    public static ItemAnswer Public => NotRecorded("No involvement of patients or the public is recorded.");

    public static ItemAnswer NextSteps => NotRecorded("No next step is recorded.");

    public ItemAnswer Limitations => facts.Header.Card.Limitations is { Count: > 0 } limitations
        ? Recorded(limitations)
        : NotRecorded("The file names no limitation.");

    public ItemAnswer Practice => InPart(
        facts.Header.Card.IntendedUse,
        facts.Acceptance switch
        {
            null => "Whether it may be put to work here is not recorded.",
            { Objection: { } objection } => $"It may not be put to work here. {objection}",
            _ => $"The gate passed it and {facts.Acceptance.Signatures.Count} people signed.",
        },
        facts.AcceptedHere is { } here
            ? Say($"Accepted in this department on {Day(here.AcceptedAt)} by {here.AcceptedByName}, at a threshold of {here.Threshold:F3}.")
            : "It is not accepted on this department's own studies.",
        "What it changes for patients is not recorded.");

    public ItemAnswer Protocol => facts.Configuration is null
        ? NotRecorded("Neither a protocol nor a configuration is recorded.")
        : InPart(
            "The whole configuration stands in the file and on the card, with the seed.",
            $"Manifest of the images: {facts.Header.Training?.ManifestHash}.",
            facts.Acceptance?.Plan is { Plan: not null } planned
                ? $"The plan was frozen before the training with the hash {planned.Hash}; no other protocol is recorded."
                : "No protocol of before the training is recorded.");

    public ItemAnswer Availability => InPart(
        $"The model is the file with SHA-256 {facts.Sha256}.", facts.Header.Card.Licence,
        "Where software and data can be had is not recorded.");

    public ItemAnswer DataSharing => facts.Header.Card.DataSources.Count > 0
        ? InPart(facts.Header.Card.Licence, "Whether the images can be had, and how, is not recorded.")
        : NotRecorded("Whether the images can be had is not recorded.");

    public ItemAnswer CodeSharing => facts.Header.Versions.Count > 0
        ? InPart(
            $"Made with {string.Join(", ", facts.Header.Versions.Select(v => $"{v.Key} {v.Value}"))}.",
            "Where its code can be had is not recorded.")
        : NotRecorded("Neither code nor libraries are recorded.");

    internal static string MeasuredOn(GateReport result) =>
        Say($"Measured on {result.DataSet}, {result.Part}: {result.Films} films of {result.Patients} patients.");

    internal static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    internal static string Say(FormattableString words) => words.ToString(CultureInfo.InvariantCulture);
}
