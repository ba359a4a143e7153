using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Gate;
using static CovidCxr.Laboratory.Cards.ItemAnswer;
using static CovidCxr.Laboratory.Cards.StudyAnswers;

namespace CovidCxr.Laboratory.Cards;

/// <summary>What was measured of it, and what was not.</summary>
sealed class ResultAnswers(CardFacts facts)
{
    const string NotMeasured = "Nothing was measured of it.";

    static readonly string[] RobustnessChecks =
    [
        "lungs blacked out", ModelGate.KeptCheck, "centre covered", "border only", "size and greyness", "class by source",
        "duplicates and ancestors",
    ];

    static readonly string[] Diagnostic4 = [FigureSet.Sensitivity, FigureSet.Specificity, FigureSet.PositivePredictiveValue,
        FigureSet.NegativePredictiveValue];

    IReadOnlyList<GateReport> Gate => facts.Acceptance?.Results ?? [];

    GateReport? Newest => Gate is [var newest, ..] ? newest : null;

    /// <summary>Of the part that the card names first: of the test part, or of the validation part where there is none.</summary>
    List<MeasuredFigure> First => [.. facts.Header.Metrics.Where(f => f.Part == facts.Header.Metrics[0].Part)];

    public ItemAnswer Metrics => First is { Count: > 0 } figures
        ? InPart($"{string.Join(", ", figures.Select(f => f.Name).Distinct())}.", "Why these is not recorded.")
        : NotDone(NotMeasured);

    public ItemAnswer Uncertainty => First.Exists(f => f.Lower is not null)
        ? Recorded(
            "95% intervals by patient.",
            $"{string.Join("; ", First.Where(f => f.Lower is not null).Select(f => f.Method).Distinct())}.")
        : NotDone(First.Count == 0 ? NotMeasured : "No interval was computed.");

    public ItemAnswer Robustness => Gate is [var newest, ..]
        ? Recorded(newest.Checks.Where(c => RobustnessChecks.Contains(c.Name)).Select(Words))
        : NotDone("The gate has not judged this version.");

    static string Words(GateCheck check) => $"{Capital(check.Name)} ({VerdictOf(check.Verdict)}): {check.Finding}";

    public ItemAnswer Explanation => Check("heat map in the lungs") is { } check
        ? InPart(
            "Each answer has a heat map (Grad-CAM) of where the network found what speaks for the class.", Words(check),
            "Nobody has compared the heat maps with what radiologists mark.")
        : InPart(
            "Each answer has a heat map (Grad-CAM) of where the network found what speaks for the class.",
            "How true the heat maps are was not measured.");

    public ItemAnswer Internal => First is { Count: > 0 } figures
        ? Recorded($"{Capital(figures[0].Part)}.", Area(figures))
        : NotDone(NotMeasured);

    static string? Area(IEnumerable<MeasuredFigure> figures) => figures.FirstOrDefault(f => f.Name == FigureSet.Area) is { } area
        ? $"{Figure(area)}."
        : null;

    public ItemAnswer External
    {
        get
        {
            // By the sources of the films: a title says nothing of where they come from.
            var others = Gate.Where(g => g.Unseen is { Count: > 0 }).ToList();
            var unseen = Check("source left out") is { Verdict: not GateVerdict.NotKnown } check ? Words(check) : null;
            return others.Count == 0 && unseen is null && facts.AcceptedHere is null
                ? NotDone("It was measured on no film from elsewhere.")
                : Recorded([
                    unseen, .. others.Select(g => $"{MeasuredOn(g)} Not trained on: {string.Join(", ", g.Unseen!)}. {g.Summary}"),
                    facts.AcceptedHere is { } here
                        ? $"On this department's own referenced studies, accepted on {Day(here.AcceptedAt)}."
                        : null,
                ]);
        }
    }

    public ItemAnswer Performance => First is { Count: > 0 } figures
        ? Recorded($"{Capital(figures[0].Part)}: {string.Join("; ", figures.Select(Figure))}.")
        : NotDone(NotMeasured);

    public ItemAnswer PerformanceByGroup => First is not { Count: > 0 } ? NotDone(NotMeasured)
        : Groups.Count == 0 ? InPart(Performance.Text, "Sub-groups were not measured.")
        : Recorded(Performance.Text, GroupWords);

    List<GateGroup> Groups => [.. Newest?.Groups ?? []];

    // Under 30 films a group has a number and no verdict: n is said with each.
    string GroupWords => $"Area by group: {string.Join("; ", Groups.Select(GroupFigure))}.";

    static string GroupFigure(GateGroup group) =>
        $"{group.Figures.Kind} {group.Figures.Name} {Estimate(group.Figures.Area)}, {Say($"n = {group.Figures.Films}")} "
            + $"({VerdictOf(group.Verdict)})";

    public ItemAnswer Diagnostic => First.FindAll(f => Diagnostic4.Contains(f.Name)) is { Count: > 0 } figures
        ? Recorded($"At a threshold of {Say($"{facts.Header.Threshold:F3}")}: {string.Join("; ", figures.Select(Figure))}.")
        : NotDone(NotMeasured);

    public ItemAnswer Failures => facts.Evaluation is { } evaluation
        ? InPart(
            Say($"The {evaluation.MostConfused.Count} films that confused it most are listed with heat maps in the report of run ")
                + Say($"{facts.RunNumber}, with how often each class is taken for which."),
            "What they have in common nobody has recorded.")
        : NotDone("What it gets wrong was not looked at here.");

    public ItemAnswer Heterogeneity => Groups.FindAll(g => g.Figures.Kind == "source") is { Count: > 1 } sources
        ? Recorded($"By source: {string.Join("; ", sources.Select(GroupFigure))}.")
        : NotDone("Figures by centre were not measured, or all films come from one source.");

    public ItemAnswer Fairness => Check("sub-groups") is { } check
        ? InPart(Words(check), "Nothing else was done for fairness.")
        : NotDone("No sub-group was measured.");

    public ItemAnswer Differences => facts.Evaluation is { } evaluation
        ? InPart(
            $"Evaluated on {evaluation.DataSet}, {evaluation.Part}.", evaluation.SourcesCheck,
            "Differences in patients, devices and labels are not recorded.")
        : NotRecorded("How training and evaluation differ is not recorded here.");

    public ItemAnswer Updated => Check(ModelGate.RivalCheck) is { } check
        ? Recorded(Words(check))
        : NotDone("It was not compared with the version that was active.");

    public ItemAnswer Interpretation => Gate is [var newest, ..]
        ? InPart(newest.Summary, Check("sub-groups")?.Finding, "Compared with other studies: not recorded.")
        : NotDone("The gate has not judged this version.");

    public ItemAnswer PoorInput => Check("the guard's rate") is { } check
        ? Recorded("A guard withholds the score of films that are unlike what it knows.", Words(check))
        : InPart(
            "A guard withholds the score of films that are unlike what it knows.", "How often was not measured with this model.");

    GateCheck? Check(string name) => Newest?.Checks.FirstOrDefault(c => c.Name == name);

    static string Figure(MeasuredFigure f) =>
        $"{f.Name} {Say($"{f.Value:F3}")}{(f.Lower is null ? "" : Say($" ({f.Lower:F3} to {f.Upper:F3})"))}, {Say($"n = {f.Count}")}";

    static string Estimate(Statistics.Estimate e) => e.Value is null ? "unknown"
        : e.Lower is null ? Say($"{e.Value:F3}")
        : Say($"{e.Value:F3} ({e.Lower:F3} to {e.Upper:F3})");

    static string VerdictOf(GateVerdict verdict) => verdict switch
    {
        GateVerdict.Passed => "passed",
        GateVerdict.Refused => "refused",
        _ => "not known",
    };

    static string Capital(string words) => words.Length == 0 ? words : char.ToUpperInvariant(words[0]) + words[1..];
}
