using CovidCxr.Statistics;
using CovidCxr.Statistics.Agreement;
using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Clinic.Comparison;

/// <summary>The figures of pairs of parties: each pair has four columns of counts.</summary>
static class PairBootstrap
{
    /// <summary>With fewer cases, or patients, a share says nothing of the next one: 4 of 4 is no 100%.</summary>
    public const int FewestCases = 10;

    const int Cells = 4, Both = 0, OnlyFirst = 1, OnlySecond = 2, Neither = 3;

    /// <returns>What tells the figures once the bootstrap is through.</returns>
    public static Func<IReadOnlyList<PairFigures>> Of(PatientBootstrap bootstrap, IReadOnlyList<ReaderCase> cases, IReadOnlyList<PartyPair> pairs, double? prevalence)
    {
        // One above the cell; 0 where one of the two has not called the case.
        var cellOf = pairs.Select(pair =>
        {
            var cells = new byte[cases.Count];
            foreach (var (i, cell) in pair.Cells(cases))
            {
                cells[i] = (byte)(cell + 1);
            }

            return cells;
        }).ToList();
        var estimates = bootstrap.Add(new TotalStatistics(bootstrap.Patients, pairs.Count * Cells, Add, [.. pairs.Index().SelectMany(p => Statistics(p.Item, p.Index * Cells, prevalence))]));
        return () =>
        {
            var next = new Queue<Estimate>(estimates());
            return [.. pairs.Zip(cellOf, (pair, cells) => Figures(pair, cells, bootstrap.Patients, prevalence, next))];
        };

        void Add(int i, Span<double> row)
        {
            for (var pair = 0; pair < cellOf.Count; pair++)
            {
                if (cellOf[pair][i] is > 0 and var above)
                {
                    row[(pair * Cells) + above - 1]++;
                }
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

    static PairFigures Figures(PartyPair pair, byte[] cellOf, Clusters clusters, double? prevalence, Queue<Estimate> estimates)
    {
        var counts = new int[Cells];
        var isCalled = new bool[clusters.Count];
        for (var i = 0; i < cellOf.Length; i++)
        {
            if (cellOf[i] is > 0 and var above)
            {
                counts[above - 1]++;
                isCalled[clusters.OfCase[i]] = true;
            }
        }

        var patients = isCalled.Count(c => c);
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
    public static Estimate ShareOf(Estimate share) => share is { Value: (0 or 1) and var value, Lower: null } ? Wilson.Proportion((int)value * share.Count, share.Count) : share;

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
