using CovidCxr.Statistics;
using CovidCxr.Statistics.Agreement;
using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Application.Agreement;

/// <summary>
/// The figures of all pairs from the same resamples of patients: each pair has four columns of counts, so that the patients are drawn once for all.
/// </summary>
static class PairBootstrap
{
    /// <summary>With fewer cases, or patients, a share says nothing of the next one: 4 of 4 is no 100%.</summary>
    public const int FewestCases = 10;

    const int Cells = 4, Both = 0, OnlyFirst = 1, OnlySecond = 2, Neither = 3;

    public static IReadOnlyList<PairFigures> Of(IReadOnlyList<ReaderCase> cases, IReadOnlyList<PartyPair> pairs, double? prevalence, CancellationToken cancellation)
    {
        var called = pairs.Select(p => p.Cells(cases).ToList()).ToList();
        var columns = new List<int>[cases.Count];
        foreach (var (pair, list) in called.Index())
        {
            foreach (var (i, cell) in list)
            {
                (columns[i] ??= []).Add((pair * Cells) + cell);
            }
        }

        var sums = new TotalStatistics(
            Clusters.Of([.. cases.Select(c => c.Patient)]), pairs.Count * Cells, Add, [.. pairs.Index().SelectMany(p => Statistics(p.Item, p.Index * Cells, prevalence))]);
        var estimates = new Queue<Estimate>(ClusteredBootstrap.Intervals(sums, null, cancellation));
        return [.. pairs.Zip(called, (pair, list) => Figures(pair, list, cases, prevalence, estimates))];

        void Add(int i, Span<double> row)
        {
            foreach (var column in columns[i] ?? [])
            {
                row[column]++;
            }
        }
    }

    static IEnumerable<TotalStatistic> Statistics(PartyPair pair, int offset, double? prevalence)
    {
        yield return Ratio([Both, Neither], [Both, OnlyFirst, OnlySecond, Neither]);
        yield return Shifted(CohenKappa.Statistic(2));
        yield return Shifted(GwetAgreement.Statistic(2));
        if (pair.Second == Party.Reference)
        {
            yield return Ratio([Both], [Both, OnlySecond]);
            yield return Ratio([Neither], [OnlyFirst, Neither]);
            yield return Ratio([Both], [Both, OnlyFirst]);
            yield return Ratio([Neither], [OnlySecond, Neither]);
            if (prevalence is { } share)
            {
                var (positive, negative) = PredictiveValues.Statistics(share);
                yield return Shifted(new(t => positive.Value([t[Both], t[OnlySecond], t[OnlyFirst], t[Neither]])));
                yield return Shifted(new(t => negative.Value([t[Both], t[OnlySecond], t[OnlyFirst], t[Neither]])));
            }
        }

        TotalStatistic Ratio(int[] numerator, int[] denominator) => Shifted(TotalStatistic.Ratio(numerator, denominator));

        TotalStatistic Shifted(TotalStatistic own) =>
            new(t => own.Value(t.Slice(offset, Cells)), t => own.Cases is { } cases ? cases(t.Slice(offset, Cells)) : Sum(t.Slice(offset, Cells)));
    }

    static PairFigures Figures(PartyPair pair, List<(int Case, int Cell)> called, IReadOnlyList<ReaderCase> cases, double? prevalence, Queue<Estimate> estimates)
    {
        var counts = new int[Cells];
        called.ForEach(c => counts[c.Cell]++);
        var patients = called.Select(c => cases[c.Case].Patient).Distinct().Count();
        return new(
            pair, PairTable.Of(counts), patients, Share(), Next(), Next(), pair.Second == Party.Reference ? new(Share(), Share(), Share(), Share(), Elsewhere()) : null);

        PredictiveValues? Elsewhere() => prevalence is { } share ? new(share, Next(), Next()) : null;

        Estimate Next() => Said(estimates.Dequeue(), patients);

        Estimate Share() => ShareOf(Next());
    }

    /// <summary>A figure of too few cases or patients is said to be one, and not shown.</summary>
    public static Estimate Said(Estimate estimate, int patients) => estimate switch
    {
        { Count: 0 } => Estimate.Undefined(0, "no cases"),
        { Count: < FewestCases } => Estimate.Undefined(estimate.Count, $"too few: {estimate.Count} of at least {FewestCases} cases"),
        _ when patients < BootstrapPlan.DefaultMinimumClusters => Estimate.Undefined(estimate.Count, $"too few: {patients} of at least {BootstrapPlan.DefaultMinimumClusters} patients"),
        _ => estimate,
    };

    // Where all cases are right, or none, all resamples agree and say nothing of the next case; Wilson's interval does.
    static Estimate ShareOf(Estimate share) => share is { Value: (0 or 1) and var value, Lower: null } ? Wilson.Proportion((int)value * share.Count, share.Count) : share;

    static double Sum(ReadOnlySpan<double> cells)
    {
        var sum = 0.0;
        foreach (var cell in cells)
        {
            sum += cell;
        }

        return sum;
    }
}
