using CovidCxr.Clinic.Comparison;
using CovidCxr.Statistics.Drift;

namespace CovidCxr.Clinic.Drift;

/// <summary>What is looked at; none of it tells who a patient is.</summary>
public enum DriftQuantity
{
    /// <summary>Of the positive class, 0..1.</summary>
    Score,

    /// <summary>In pixels; likewise Height.</summary>
    Width,
    Height,

    /// <summary>Of the windowed image, 0..1.</summary>
    MeanIntensity,

    /// <summary>The standard deviation of the same.</summary>
    IntensityDeviation,
    View,
    Sex,
    Age,
}

/// <summary>How a stability index is usually read (Siddiqi 2006), if it is above what chance makes of so few cases.</summary>
public enum DriftVerdict
{
    NotJudged,

    /// <summary>Below 0.1.</summary>
    Stable,

    /// <summary>0.1 or more, but chance alone makes as much of samples of this size.</summary>
    Chance,

    /// <summary>0.1 to 0.25.</summary>
    Small,

    /// <summary>0.25 or more.</summary>
    Large,
}

/// <param name="Cases">On the side that is compared with.</param>
/// <param name="Index">Over ten bins that hold equally many of that side, or over categories; null where there is nothing to
/// compare.</param>
/// <param name="Test">Null for categories, which have no order, and where there is nothing to compare.</param>
/// <param name="WhyNot">Why it is not judged, in words; null where it is.</param>
public sealed record DriftComparison(int Cases, StabilityIndex? Index, KolmogorovSmirnov? Test, string? WhyNot)
{
    public const double SmallShift = 0.1, LargeShift = 0.25;

    public DriftVerdict Verdict => Index switch
    {
        null or { Value: null } => DriftVerdict.NotJudged,
        { Value: < SmallShift } => DriftVerdict.Stable,
        { } index when index.Value <= index.NoiseLimit => DriftVerdict.Chance,
        { Value: < LargeShift } => DriftVerdict.Small,
        _ => DriftVerdict.Large,
    };
}

/// <param name="Low">Where it begins; for a category its number in its enumeration.</param>
/// <param name="Current">Share of the period's cases, 0..1; null where there are none. The others likewise.</param>
public readonly record struct DriftBin(double Low, double High, double? Current, double? Previous, double? Trained)
{
    public double Middle => (Low + High) / 2;
}

/// <param name="Cases">In the period, with a value.</param>
/// <param name="Missing">In the period, without: studies of before it was measured.</param>
/// <param name="Trained">Against what the model was trained on; for scores, what it said on its validation part.</param>
/// <param name="Previous">Against the month before the period.</param>
public sealed record DriftMeasure(
    DriftQuantity Quantity, int Cases, int Missing, DriftComparison Trained, DriftComparison Previous, IReadOnlyList<DriftBin> Bins)
{
    public bool IsCategory => Quantity is DriftQuantity.View or DriftQuantity.Sex or DriftQuantity.Age;
}

/// <summary>Films that the model has looked at, and those whose answer is held back: none that was said of them before counts.</summary>
/// <param name="OnDemand">Films that were held back too, and whose answer somebody asked for all the same.</param>
/// <param name="Reasons">In words, of both, the most frequent first.</param>
public sealed record WithheldFilms(int Films, int Withheld, int OnDemand, IReadOnlyList<KeyValuePair<string, int>> Reasons)
{
    public double? Share => Films == 0 ? null : (Withheld + OnDemand) / (double)Films;
}

/// <summary>A version's scores of a calendar month, as far as it has come.</summary>
/// <param name="Trained">Against its validation part; null where it is not known.</param>
/// <param name="Previous">Against the calendar month before.</param>
public sealed record DriftMonth(DateOnly First, int Cases, DriftComparison? Trained, DriftComparison Previous)
{
    public DateOnly Last => First.AddMonths(1).AddDays(-1);
}

/// <param name="Version">Whose scores they are, the one with most studies in the period where none was asked for; null where no version has
/// answered in it.</param>
/// <param name="Trained">What is known of the version's training, in words.</param>
/// <param name="Months">The last twelve that end with the period, from the first with a score on.</param>
/// <param name="Hidden">Answered studies of the period whose answer this person may not know yet: they are in no score and no
/// agreement.</param>
/// <param name="Withheld">Of the period; of the month before likewise.</param>
/// <param name="Expected">Of the version in the period; null where no version has answered in it.</param>
/// <param name="Changes">In the weeks and months shown, by somebody's decision, in order of time.</param>
/// <param name="Calls">Of the active version; null where none is active, and for who may not know all of them yet.</param>
public sealed record DriftReport(
    Period Current, Period Previous, VersionChoice? Version, IReadOnlyList<VersionChoice> Versions, string Trained,
    IReadOnlyList<DriftMeasure> Measures, IReadOnlyList<DriftMonth> Months, AgreementChart Agreement, int Hidden,
    WithheldFilms Withheld, WithheldFilms WithheldBefore, ExpectedPerformance? Expected, IReadOnlyList<DepartmentChange> Changes,
    CallWatch? Calls);
