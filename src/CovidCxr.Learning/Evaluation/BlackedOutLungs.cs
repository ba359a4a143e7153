using System.Globalization;
using System.Text.Json.Serialization;
using CovidCxr.Statistics;
using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Learning.Evaluation;

/// <summary>What a comparison of films with and without their lungs says of a model.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LungsVerdict>))]
public enum LungsVerdict
{
    TooFew,

    /// <summary>Without lungs it surely tells the classes apart less well.</summary>
    ReadsLungs,

    /// <summary>The interval holds both nothing and a loss that counts.</summary>
    NotShown,

    /// <summary>It loses nothing: what it reads is somewhere else on the film.</summary>
    ReadsNoLungs,
}

/// <summary>
/// The same films as they are and with the lungs blacked out (Maguolo and Nanni 2021, DeGrave et al. 2021). The difference is paired: every
/// resample of patients sees a film both ways.
/// </summary>
/// <param name="Reading">What it means, in words.</param>
public sealed record BlackedOutLungs(FigureSet Whole, FigureSet Blacked, string Reading)
{
    /// <summary>Fewer patients in either class give no verdict.</summary>
    public const int MinPatients = 10;

    /// <summary>Not more than this share of the positive calls should stay without lungs.</summary>
    public const double MostKept = 0.1;

    /// <summary>A loss of area that is surely below this counts as none.</summary>
    const double NoLoss = 0.05;

    const int Stays = 0, Falls = 1;

    /// <summary>
    /// Area under the ROC curve with lungs less the area without, -1..1, with its interval by patient; null in reports of before it was
    /// measured.
    /// </summary>
    public Estimate? AreaLost { get; init; }

    /// <summary>
    /// The share of positive calls that stay positive without lungs, 0..1; without an interval where they are of too few patients. Null as
    /// above.
    /// </summary>
    public Estimate? PositivesKept { get; init; }

    /// <summary>So many masks were drawn by people; null in reports of before they were counted, when all were.</summary>
    public int? Drawn { get; init; }

    /// <summary>So many were found by the network that finds lungs; null as above.</summary>
    public int? Found { get; init; }

    /// <summary>Null in reports of before there was one.</summary>
    public LungsVerdict? Verdict { get; init; }

    /// <param name="whole">At least one.</param>
    /// <param name="blacked">The same films in the same order, without their lungs.</param>
    /// <param name="positive">Index of the positive class.</param>
    /// <param name="found">So many of the masks were found by a network; the rest were drawn by people.</param>
    public static BlackedOutLungs Of(
        IReadOnlyList<EvaluatedCase> whole, IReadOnlyList<EvaluatedCase> blacked, int positive, int found = 0)
    {
        var clusters = Clusters.Of(whole.Select(c => c.Cluster).ToArray());
        var truth = FigureSet.TruthOf(whole, positive);
        var difference = new PairedDifference(
            new AreaStatistic(clusters, FigureSet.ScoresOf(whole, positive), truth),
            new AreaStatistic(clusters, FigureSet.ScoresOf(blacked, positive), truth));
        var calls = new TotalStatistics(clusters, 2, (i, row) =>
            row[blacked[i].Decided == positive ? Stays : Falls] += whole[i].Decided == positive ? 1 : 0);
        var kept = calls.Ask(TotalStatistic.Ratio([Stays], [Stays, Falls]));
        var estimates = ClusteredBootstrap.Intervals([difference, calls]);
        var masks = $"{whole.Count - found} lung masks drawn, {found} found by the network";
        var called = whole.Where(c => c.Decided == positive).Select(c => c.Cluster).Distinct().Count();
        var set = new BlackedOutLungs(
            FigureSet.Of($"images with lungs ({masks})", whole, positive),
            FigureSet.Of($"the same with the lungs blacked out ({masks})", blacked, positive), "")
        {
            AreaLost = estimates[difference.Figure],
            PositivesKept = called >= MinPatients || estimates[kept].Value is null
                ? Wilson.WhereAllAgree(estimates[kept], called)
                : estimates[kept] with
                {
                    Lower = null,
                    Upper = null,
                    Method = $"too few patients with a positive call for an interval ({called} of at least {MinPatients})",
                },
            Drawn = whole.Count - found,
            Found = found,
        };
        int Patients(bool isPositive) => whole.Where((_, i) => truth[i] == isPositive).Select(c => c.Cluster).Distinct().Count();
        return set.Judged(Patients(true), Patients(false));
    }

    BlackedOutLungs Judged(int sick, int others)
    {
        if (Math.Min(sick, others) < MinPatients || AreaLost is not { Value: { } lost })
        {
            return this with
            {
                Verdict = LungsVerdict.TooFew,
                Reading = $"Lungs blacked out: too few patients with a lung mask ({sick} of the positive class, {others} of others; "
                    + $"{MinPatients} of each are needed) to say whether the model reads lungs.{KeptWords}{MaskWords}",
            };
        }

        // With so many patients there is no interval only where all resamples agree.
        var (lower, upper) = (AreaLost.Lower ?? lost, AreaLost.Upper ?? lost);
        var verdict = lower > 0 ? LungsVerdict.ReadsLungs
            : lost <= 0 || upper < NoLoss ? LungsVerdict.ReadsNoLungs
            : LungsVerdict.NotShown;
        return this with { Verdict = verdict, Reading = $"{Measured(lost, lower, upper)} {WordsOf(verdict)}{KeptWords}{MaskWords}" };
    }

    string Measured(double lost, double lower, double upper) => string.Create(
        CultureInfo.InvariantCulture,
        $"With the lungs blacked out the area under the ROC curve of {Whole.Images} films goes from {Area(Whole):F3} to {Area(Blacked):F3}:"
            + $" it loses {lost:F3} (95% interval by patient {lower:F3} to {upper:F3}).");

    /// <summary>Whether it surely reads something else than lungs: no area is lost, or too many positive calls stay.</summary>
    [JsonIgnore]
    public bool IsBad => Verdict == LungsVerdict.ReadsNoLungs || KeepsTooMany;

    bool KeepsTooMany => PositivesKept is { Lower: > MostKept };

    string KeptWords => PositivesKept is not { Value: { } kept } estimate ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $" Of {estimate.Count} positive calls {kept:F2}{(estimate.Lower is { } l ? $" ({l:F2} to {estimate.Upper:F2})" : "")} stay positive"
            + $"{(KeepsTooMany ? $": BAD, at most {MostKept} may" : "")}.");

    string MaskWords => Found > 0
        ? $" {Drawn} of the masks were drawn by people, {Found} found by the network that finds lungs, which may leave some lung visible."
        : "";

    string WordsOf(LungsVerdict verdict) => verdict switch
    {
        LungsVerdict.ReadsNoLungs =>
            "BAD: a model that loses nothing without lungs reads no lungs, but device, cropping or marks. Do not use it on patients.",
        LungsVerdict.NotShown => "It is not shown that the model reads lungs: the loss may be nothing.",
        _ when IsAboveChance => "The model reads lungs, but not lungs alone: without them it still tells the classes apart better than "
            + "chance, by device, cropping, marks or the outline of what is black.",
        _ => "The model reads lungs: without them it does not tell the classes apart surely better than chance.",
    };

    bool IsAboveChance => Blacked[FigureSet.Area].ByPatient is { Value: { } value } area && (area.Lower ?? value) > 0.5;

    static double Area(FigureSet set) => set[FigureSet.Area].ByPatient.Value ?? double.NaN;
}
