namespace CovidCxr.Statistics.Resampling;

/// <summary>
/// Names one figure of a resampling. Whoever asks a set of statistics for a figure gets its handle, and reads the estimate by it once the
/// resampling is through (<see cref="BootstrapEstimates"/>).
/// </summary>
public readonly record struct FigureHandle
{
    internal FigureHandle(IClusterStatistics set, int statistic) => (Set, Statistic) = (set, statistic);

    internal IClusterStatistics Set { get; }

    internal int Statistic { get; }
}
