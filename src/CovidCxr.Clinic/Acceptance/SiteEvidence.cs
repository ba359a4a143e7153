using System.Globalization;
using System.Text.Json;
using CovidCxr.Domain.Readings;
using CovidCxr.Statistics;
using CovidCxr.Statistics.Discrimination;

namespace CovidCxr.Clinic.Acceptance;

/// <summary>What a department asks of a version.</summary>
/// <param name="Sensitivity">That the local threshold is chosen for, 0.5 to 0.99.</param>
/// <param name="Width">Of the 95% intervals of sensitivity and specificity from end to end, 0.05 to 0.2.</param>
public sealed record SiteQuestion(double Sensitivity = SiteQuestion.DefaultSensitivity, double Width = SiteQuestion.WidestInterval)
{
    public const double DefaultSensitivity = 0.9, LeastSensitivity = 0.5, MostSensitivity = 0.99;

    /// <summary>A wider one says too little to accept anything by; narrower ones may be asked for.</summary>
    public const double WidestInterval = 0.2, NarrowestInterval = 0.05;

    /// <summary>Why it cannot be asked; null where it can.</summary>
    public string? Refusal => (Sensitivity, Width) switch
    {
        (not (>= LeastSensitivity and <= MostSensitivity), _) => FormattableString.Invariant(
            $"The sensitivity must be {LeastSensitivity} to {MostSensitivity}."),
        (_, not (>= NarrowestInterval and <= WidestInterval)) => FormattableString.Invariant(
            $"The interval's width must be {NarrowestInterval} to {WidestInterval}."),
        _ => null,
    };
}

/// <summary>The department's films that the version scored and that have a reference, with the disease or without.</summary>
/// <param name="Wanted">So many patients are needed; see <see cref="SiteCounts.WantedOf"/>.</param>
public sealed record SiteClass(int Films, int Patients, int Wanted)
{
    public bool IsEnough => Patients >= Wanted;
}

/// <param name="IsSeenOnly">Whether films that this person must still read blind were left out.</param>
public sealed record SiteCounts(int Films, int Patients, SiteClass Ill, SiteClass Others, bool IsSeenOnly)
{
    /// <summary>Fewer patients of a class tell nothing, however sure the formula is.</summary>
    public const int FewestPatients = 30;

    // Near 1 the formula's normal approximation promises too much, and at 0.5 it asks for most.
    const double MostExpected = 0.95, LeastExpected = 0.5;

    /// <summary>
    /// The patients of a class that an interval of the wanted width needs: <see cref="IntervalPlan.OfProportion"/> for the proportion that
    /// is expected, and never fewer than <see cref="FewestPatients"/>. Patients are counted and not films: that is on the safe side.
    /// </summary>
    /// <param name="expected">0..1; null where nothing is known, and then most are needed.</param>
    internal static int WantedOf(double? expected, double width) => Math.Max(
        FewestPatients, IntervalPlan.OfProportion(Math.Clamp(expected ?? LeastExpected, LeastExpected, MostExpected), width));
}

/// <param name="Threshold">0..1; null where there is none to choose.</param>
public sealed record SitePoint(double? Threshold, Estimate Sensitivity, Estimate Specificity);

/// <summary>
/// What a version is worth on the department's own films. Every interval is by patient, from the same resamples.
/// </summary>
/// <param name="Shipped">At the threshold of the model's file.</param>
/// <param name="Chosen">The local threshold with its interval: the highest at which the wanted sensitivity is reached.</param>
/// <param name="Local">At the local threshold, on the films that chose it: that flatters it.</param>
/// <param name="ByOthers">Each film called at a threshold that the films of other patients chose: what to expect of the next film.</param>
public sealed record SiteEvidence(
    string ModelSha256, SiteQuestion Question, SiteCounts Counts, Estimate Area, SitePoint Shipped, Estimate Chosen, SitePoint Local,
    SitePoint ByOthers)
{
    /// <summary>The area that a coin has.</summary>
    const double Chance = 0.5;

    /// <summary>Why nobody may accept the version by it; null where people may.</summary>
    public string? Obstacle =>
        !Counts.Ill.IsEnough || !Counts.Others.IsEnough
            ? $"Not enough yet: {Of(Counts.Ill)} with {ReadDisease.Name} and {Of(Counts.Others)} without have a reference and an answer of "
                + "this version."
            : Local.Threshold is null || (Area.Lower ?? Area.Value) is not > Chance
            ? "On this department's films the version is not surely better than chance."
            : null;

    /// <summary>The same figures give the same text, so that a person signs what the page showed.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Default);

    static string Of(SiteClass of) => string.Create(CultureInfo.InvariantCulture, $"{of.Patients} of {of.Wanted} patients");
}
