using CovidCxr.Statistics;
using CovidCxr.Statistics.Agreement;
using CovidCxr.Statistics.Calibration;
using CovidCxr.Statistics.Discrimination;

namespace CovidCxr.Clinic.Comparison;

/// <summary>What was compared, and what had to be left out of one table or another.</summary>
/// <param name="Settled">Studies whose reference says positive or negative.</param>
/// <param name="WithoutBlind">Readings made with the model in sight from the start.</param>
/// <param name="IndeterminateReadings">Readings that call it neither, before or after the model.</param>
/// <param name="WithoutModel">Readings for which no answer of the model was there.</param>
/// <param name="OfOtherDisease">Readings beside the answer of a model of another disease, which is compared with nobody's.</param>
public sealed record ComparisonCounts(
    int Studies, int Patients, int Readings, int Settled, int Contradictory, int IndeterminateReferences, int WithoutReference,
    int WithoutBlind, int IndeterminateReadings, int WithoutModel, int OfOtherDisease);

/// <summary>
/// Two parties over the cases that both called. Every figure with an interval by bootstrap over patients, or why there is none.
/// </summary>
/// <param name="Observed">The share of equal calls; against the reference it is the accuracy.</param>
/// <param name="Against">Null where the second party is not the reference.</param>
public sealed record PairFigures(
    PartyPair Pair, PairTable Table, int Patients, Estimate Observed, Estimate Kappa, Estimate Ac1, ReferenceFigures? Against);

/// <param name="Elsewhere">Null where no prevalence was asked for.</param>
public sealed record ReferenceFigures(
    Estimate Sensitivity, Estimate Specificity, Estimate PositivePredictiveValue, Estimate NegativePredictiveValue,
    PredictiveValues? Elsewhere);

/// <summary>
/// Readers with each other before they saw the model, over the studies that two or more of them called.
/// </summary>
/// <param name="Studies">Called COVID-19 or not by two readers or more.</param>
/// <param name="Calls">COVID-19 or not.</param>
/// <param name="Suspicion">Krippendorff's alpha of the ten steps from surely not to surely COVID-19.</param>
public sealed record BetweenReaders(int Studies, int Patients, int Readers, RaterAgreement Calls, Estimate Suspicion);

/// <summary>
/// The opinion before the model against the one after it, on the ten steps from surely not COVID-19 to surely COVID-19. Where the call
/// stays and the confidence moves, the two agree in part.
/// </summary>
public sealed record SuspicionShift(int Readings, Estimate LinearKappa, Estimate QuadraticKappa);

/// <summary>Readings whose call, COVID-19 or not, the reader changed after the reveal.</summary>
/// <param name="Corrected">Wrong before, right after.</param>
/// <param name="Misled">Right before, wrong after.</param>
/// <param name="Unsettled">No reference says which was right.</param>
/// <param name="ToModel">Changed calls, with or without a reference, that went over to the model's call.</param>
/// <param name="Revealed">Readings with a call before and after the reveal.</param>
/// <param name="Test">Before against after, where the reference is known; for independent cases.</param>
public sealed record SwitchCounts(int Corrected, int Misled, int Unsettled, int ToModel, int Revealed, McNemar Test)
{
    public int Total => Corrected + Misled + Unsettled;
}

/// <param name="Blind">The reader's opinions before the reveal, against the reference.</param>
/// <param name="Final">The reader's finished opinions, against the reference.</param>
public sealed record ReaderFigures(
    Guid ReaderId, string Name, int Readings, SwitchCounts Switches, OperatingPoint Blind, OperatingPoint Final);

/// <summary>A reader's place in the model's ROC diagram; Wilson's intervals.</summary>
public sealed record OperatingPoint(Estimate Sensitivity, Estimate Specificity);

/// <summary>The model's score against the reference, each prediction once.</summary>
public sealed record ScoreFigures(
    int Predictions, Estimate Area, Estimate BrierScore, Estimate CalibrationError, IReadOnlyList<RocPoint> Roc,
    IReadOnlyList<ReliabilityBin> Bins);

public sealed record ReaderChoice(Guid Id, string Name);

public sealed record VersionChoice(Guid Id, int Number, string Name);

/// <param name="Readers">Empty for somebody who sees only their own figures.</param>
public sealed record FilterChoices(IReadOnlyList<ReaderChoice> Readers, IReadOnlyList<VersionChoice> Versions);

/// <param name="IsOwnOnly">Whether these are the person's own readings alone.</param>
/// <param name="NeverRead">Radiologists without any finished reading; empty for somebody who sees only their own figures.</param>
/// <param name="Hidden">Readings left out because the person has not read their studies and must not learn the answers.</param>
public sealed record AgreementFigures(
    bool IsOwnOnly, FilterChoices Choices, ComparisonCounts Counts, IReadOnlyList<PairFigures> Pairs, SwitchCounts Switches,
    IReadOnlyList<ReaderFigures> Readers, ScoreFigures Scores, SuspicionShift Shift, BetweenReaders Between,
    IReadOnlyList<string> NeverRead, int Hidden)
{
    /// <summary>Among the compared studies.</summary>
    public WithheldStudies Withheld { get; init; } = WithheldStudies.None;

    public PairFigures this[Party first, Party second] => Pairs.Single(p => p.Pair.First == first && p.Pair.Second == second);
}
