using CovidCxr.Statistics;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Clinic.Comparison;

/// <summary>Statistics of cases, and of parts of them, whose patients are drawn once for all. Several threads may add theirs, in any order.</summary>
sealed class PatientBootstrap(IReadOnlyList<ReaderCase> cases)
{
    readonly List<IClusterStatistics> sets = [];
    IReadOnlyList<Estimate> estimates = [];

    public Clusters Patients { get; } = Clusters.Of([.. cases.Select(c => c.Patient)]);

    /// <param name="statistics">Of <see cref="Patients"/> or a part of them.</param>
    /// <returns>What tells their estimates once <see cref="Run"/> is through.</returns>
    public Func<IReadOnlyList<Estimate>> Add(params IReadOnlyList<IClusterStatistics> statistics)
    {
        int first, count = statistics.Sum(s => s.Count);
        lock (sets)
        {
            first = sets.Sum(s => s.Count);
            sets.AddRange(statistics);
        }

        return () => [.. estimates.Skip(first).Take(count)];
    }

    public void Run(CancellationToken cancellation) => estimates = ClusteredBootstrap.Intervals(sets, null, cancellation);
}
