namespace CovidCxr.Statistics.Resampling;

/// <summary>
/// 95% percentile intervals (Efron and Tibshirani 1993, chapter 13) by bootstrap: as many clusters as there are, drawn with replacement, a
/// few thousand times (Field and Welsh 2007, cluster bootstrap). All statistics of a call see the same resamples. Cost: a draw per cluster
/// and resample, and what the statistics need; what is resampled together is drawn once.
/// </summary>
public static class ClusteredBootstrap
{
    /// <summary>If more resamples than this leave a statistic undefined (no positive was drawn, say), it comes without interval.</summary>
    public const double LargestUndefinedShare = 0.05;

    /// <summary>The method of an estimate that has a value and no interval because no resample differs from it.</summary>
    public const string AllAgree = "no interval: all resamples agree";

    /// <summary>
    /// The estimate of every figure that the sets were asked for. An estimate has no value where the cases do not define it, and no
    /// interval where there are too few clusters, where too many resamples leave it undefined, or where all resamples agree (a sensitivity
    /// of 20 of 20: take Wilson's interval).
    /// </summary>
    /// <param name="sets">All of the same clusters, or of parts of them (<see cref="Clusters.Only"/>).</param>
    /// <param name="plan">Default: 2000 resamples, seed 1.</param>
    /// <exception cref="ArgumentException">The sets are not of the same clusters, or the plan is out of its range.</exception>
    /// <exception cref="OperationCanceledException">cancellation.</exception>
    public static BootstrapEstimates Intervals(
        IReadOnlyList<IClusterStatistics> sets, BootstrapPlan? plan = null, CancellationToken cancellation = default)
    {
        plan ??= new();
        plan.Check();
        if (sets.Count == 0)
        {
            return new([]);
        }

        var clusters = sets[0].Clusters;
        if (sets.Any(s => s.Clusters.Whole != clusters.Whole))
        {
            throw new ArgumentException("All statistics need the same clusters.", nameof(sets));
        }

        var values = Own(sets);
        var enough = clusters.Count >= plan.MinimumClusters;
        var resampled = enough ? Resample(sets, values.Length, plan, cancellation) : [];
        var based = sets.SelectMany(s => Enumerable.Range(0, s.Count).Select(s.CasesOf)).ToArray();
        Estimate[] estimates = [.. values.Select((value, s) => (value, enough) switch
        {
            (null, _) => Estimate.Undefined(based[s], "not defined by these cases"),
            (_, false) =>
                new(value, null, null, based[s], $"too few clusters for an interval ({clusters.Count} of at least {plan.MinimumClusters})"),
            _ => Read(value.Value, based[s], clusters.Count, resampled[s]),
        })];
        return new(BySet(sets, estimates));
    }

    static Dictionary<IClusterStatistics, Estimate[]> BySet(IReadOnlyList<IClusterStatistics> sets, Estimate[] estimates)
    {
        Dictionary<IClusterStatistics, Estimate[]> bySet = [];
        var first = 0;
        foreach (var set in sets)
        {
            bySet[set] = estimates[first..(first += set.Count)];
        }

        return bySet;
    }

    static double?[] Own(IReadOnlyList<IClusterStatistics> sets)
    {
        var ones = new int[sets[0].Clusters.Count];
        Array.Fill(ones, 1);
        var values = new double?[sets.Sum(s => s.Count)];
        var first = 0;
        foreach (var set in sets)
        {
            set.Evaluate(ones, values.AsSpan(first, set.Count));
            first += set.Count;
        }

        return Array.ConvertAll(values, Defined);
    }

    // One row per statistic; null where the resample does not define it.
    static double?[][] Resample(IReadOnlyList<IClusterStatistics> sets, int count, BootstrapPlan plan, CancellationToken cancellation)
    {
        var rows = Rows(count, plan.Resamples);
        var blocks = (plan.Resamples + ResampleBlock.Size - 1) / ResampleBlock.Size;
        Parallel.For(
            0, blocks, Options(plan, cancellation),
            () => (Block: new ResampleBlock(sets[0].Clusters.Count), Values: new double?[count * ResampleBlock.Size]), (b, _, local) =>
            {
                var first = b * ResampleBlock.Size;
                local.Block.Draw(plan.Seed, first, Math.Min(ResampleBlock.Size, plan.Resamples - first));
                var row = 0;
                foreach (var set in sets)
                {
                    set.Evaluate(local.Block, local.Values.AsSpan(0, set.Count * local.Block.Count));
                    for (var i = 0; i < set.Count * local.Block.Count; i++)
                    {
                        rows[row + (i % set.Count)][first + (i / set.Count)] = Defined(local.Values[i]);
                    }

                    row += set.Count;
                }

                return local;
            }, _ => { });
        return rows;
    }

    static double?[][] Rows(int count, int times) => [.. Enumerable.Range(0, count).Select(_ => new double?[times])];

    static ParallelOptions Options(BootstrapPlan plan, CancellationToken cancellation) =>
        new() { MaxDegreeOfParallelism = plan.Threads, CancellationToken = cancellation };

    // A statistic that divides by zero is not defined, whatever its arithmetic says.
    static double? Defined(double? value) => value is { } v && double.IsFinite(v) ? v : null;

    static Estimate Read(double value, int cases, int clusters, double?[] resampled)
    {
        var defined = Array.ConvertAll(Array.FindAll(resampled, v => v is not null), v => v!.Value);
        Array.Sort(defined);
        var undefined = resampled.Length - defined.Length;
        if (undefined > LargestUndefinedShare * resampled.Length)
        {
            return new(value, null, null, cases, $"no interval: not defined in {undefined} of {resampled.Length} resamples");
        }

        if (defined[^1] - defined[0] <= 1e-12 * Math.Max(1, Math.Abs(value)))
        {
            return new(value, null, null, cases, AllAgree);
        }

        var (lower, upper) = ResampledValues.Percentile(defined);
        return new(value, lower, upper, cases, $"clustered bootstrap (percentile), {resampled.Length} resamples of {clusters} clusters");
    }
}
