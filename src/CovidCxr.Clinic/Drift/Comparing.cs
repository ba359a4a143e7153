using CovidCxr.Statistics.Drift;

namespace CovidCxr.Clinic.Drift;

/// <summary>One quantity of a period against the month before and against the training.</summary>
public static class Comparing
{
    /// <summary>With fewer on either side nothing is judged.</summary>
    public const int FewestCases = 30;

    /// <summary>Of equal width, of the scores' distribution.</summary>
    public const int ScoreBins = 20;

    const int OtherBins = 24;

    /// <param name="current">Null where a study has no value; likewise previous.</param>
    /// <param name="trained">Null where the model's file says nothing of it.</param>
    public static DriftMeasure Numbers(
        DriftQuantity quantity, IReadOnlyList<double?> current, IReadOnlyList<double?> previous, Histogram? trained, string whyNotTrained)
    {
        double[] now = [.. current.OfType<double>()], before = [.. previous.OfType<double>()], then = trained?.Values() ?? [];
        return new(
            quantity, now.Length, current.Count - now.Length,
            trained is null ? Unknown(whyNotTrained) : Numbers(then, Array.ConvertAll(now, v => trained.Rounded(v)), "in the training"),
            Numbers(before, now, "in the month before"), Bins(quantity == DriftQuantity.Score, now, before, then));
    }

    /// <summary>The bin of the scores' distribution, 0 .. ScoreBins - 1.</summary>
    public static int ScoreBinOf(double score) => Histogram.BinOf(score, 0, 1, ScoreBins);

    public static DriftComparison Numbers(double[] reference, double[] current, string where)
    {
        if (TooFew(reference.Length, current.Length, where) is { } why)
        {
            return new(reference.Length, null, null, why);
        }

        var edges = StabilityIndex.Edges(reference);
        return new(
            reference.Length, StabilityIndex.Of(StabilityIndex.Count(reference, edges), StabilityIndex.Count(current, edges)),
            KolmogorovSmirnov.Of(reference, current), null);
    }

    /// <param name="categories">How many there are.</param>
    public static DriftMeasure Categories(
        DriftQuantity quantity, IReadOnlyList<int> current, IReadOnlyList<int> previous, int categories, string whyNotTrained)
    {
        int[] now = Count(current, categories), before = Count(previous, categories);
        return new(
            quantity, current.Count, 0, Unknown(whyNotTrained), Categories(before, now),
            [.. Enumerable.Range(0, categories).Select(c => new DriftBin(c, c, Share(now, c), Share(before, c), null))]);
    }

    static DriftComparison Categories(int[] reference, int[] current)
    {
        var cases = reference.Sum();
        if (TooFew(cases, current.Sum(), "in the month before") is { } why)
        {
            return new(cases, null, null, why);
        }

        // What neither side knows is no category; one that both have alone leaves an empty one beside it.
        var known = Enumerable.Range(0, reference.Length).OrderByDescending(c => reference[c] + current[c] > 0)
            .Take(Math.Max(2, reference.Zip(current, (r, n) => r + n).Count(n => n > 0))).ToList();
        return new(cases, StabilityIndex.Of([.. known.Select(c => reference[c])], [.. known.Select(c => current[c])]), null, null);
    }

    static DriftComparison Unknown(string why) => new(0, null, null, why);

    static string? TooFew(int reference, int current, string where) =>
        current < FewestCases ? $"too few: {current} of at least {FewestCases} studies in the period"
        : reference < FewestCases ? $"too few: {reference} of at least {FewestCases} studies {where}"
        : null;

    static int[] Count(IReadOnlyList<int> values, int categories)
    {
        var counts = new int[categories];
        foreach (var value in values)
        {
            counts[value]++;
        }

        return counts;
    }

    static double? Share(int[] counts, int bin) => counts.Sum() is var sum and > 0 ? counts[bin] / (double)sum : null;

    static List<DriftBin> Bins(bool isScore, double[] now, double[] before, double[] then)
    {
        double[] all = [.. now, .. before, .. then];
        if (all.Length == 0)
        {
            return [];
        }

        var (low, high, bins) = isScore ? (0, 1, ScoreBins) : (all.Min(), all.Max(), OtherBins);
        if (high <= low)
        {
            (low, high, bins) = (low - 0.5, low + 0.5, 1);
        }

        var counts = new[] { now, before, then }.Select(values => Histogram.Of(values, low, high, bins).Counts.ToArray()).ToList();
        var width = (high - low) / bins;
        return [.. Enumerable.Range(0, bins).Select(
            b => new DriftBin(low + (b * width), low + ((b + 1) * width), Share(counts[0], b), Share(counts[1], b), Share(counts[2], b)))];
    }
}
