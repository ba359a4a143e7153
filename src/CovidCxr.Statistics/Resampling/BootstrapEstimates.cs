namespace CovidCxr.Statistics.Resampling;

/// <summary>The estimates of one resampling, each read by the handle of its figure.</summary>
public sealed class BootstrapEstimates
{
    readonly Dictionary<IClusterStatistics, Estimate[]> _bySet;

    internal BootstrapEstimates(Dictionary<IClusterStatistics, Estimate[]> bySet) => _bySet = bySet;

    /// <summary>The estimate of a figure.</summary>
    /// <exception cref="ArgumentException">The figure's set was not resampled here, or the figure was asked for after the
    /// resampling.</exception>
    public Estimate this[FigureHandle figure] =>
        figure.Set is not null && _bySet.TryGetValue(figure.Set, out var estimates) && figure.Statistic < estimates.Length
            ? estimates[figure.Statistic]
            : throw new ArgumentException("The figure was not asked for before this resampling.", nameof(figure));
}
