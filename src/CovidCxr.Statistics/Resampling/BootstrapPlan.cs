namespace CovidCxr.Statistics.Resampling;

/// <summary>How to resample. The same plan gives the same numbers on any machine and with any number of threads.</summary>
public sealed record BootstrapPlan
{
    /// <summary>Enough for the ends of a 95% interval (Efron and Tibshirani 1993, section 14.3).</summary>
    public const int DefaultResamples = 2000;

    /// <summary>With fewer clusters the resamples are too much alike, and the interval too narrow.</summary>
    public const int DefaultMinimumClusters = 10;

    /// <summary>At least 40, so that a 2.5th percentile lies inside; default 2000.</summary>
    public int Resamples { get; init; } = DefaultResamples;

    /// <summary>Any number.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Below it a value comes without interval; at least 2, default 10.</summary>
    public int MinimumClusters { get; init; } = DefaultMinimumClusters;

    /// <summary>At least 1; default: all processors. Changes the time alone.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Resamples, 40);
        ArgumentOutOfRangeException.ThrowIfLessThan(MinimumClusters, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 1);
    }
}
