namespace CovidCxr.Statistics.Resampling;

/// <summary>
/// Figures that are asked for together. Several requests over the same clusters can share one resampling of all their sets.
/// </summary>
/// <param name="Sets">What is resampled.</param>
/// <param name="Read">Makes the figures from the estimates of a resampling that these sets took part in.</param>
public sealed record FigureRequest<T>(IReadOnlyList<IClusterStatistics> Sets, Func<BootstrapEstimates, T> Read)
{
    /// <summary>The figures from a resampling of their own.</summary>
    /// <inheritdoc cref="ClusteredBootstrap.Intervals"/>
    public T Resample(BootstrapPlan? plan = null, CancellationToken cancellation = default) =>
        Read(ClusteredBootstrap.Intervals(Sets, plan, cancellation));
}
