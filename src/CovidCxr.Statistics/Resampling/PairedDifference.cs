namespace CovidCxr.Statistics.Resampling;

/// <summary>
/// One statistic less another on the same resamples: the difference of two areas on the same cases, say. What both share cancels, so the
/// interval is that of the difference and not of two separate draws (Efron and Tibshirani 1993, chapter 8).
/// </summary>
public sealed class PairedDifference : IClusterStatistics
{
    readonly IClusterStatistics _first, _other;

    /// <param name="first">Makes one number.</param>
    /// <param name="other">Makes one number, of the same clusters.</param>
    /// <exception cref="ArgumentException">They are of other clusters, or make more numbers than one.</exception>
    public PairedDifference(IClusterStatistics first, IClusterStatistics other)
    {
        if (first.Clusters != other.Clusters || first.Count != 1 || other.Count != 1)
        {
            throw new ArgumentException("A paired difference needs two single numbers of the same clusters.", nameof(other));
        }

        (_first, _other) = (first, other);
    }

    /// <summary>The first less the other; not defined where one of them is not.</summary>
    public FigureHandle Figure => new(this, 0);

    public Clusters Clusters => _first.Clusters;

    public int Count => 1;

    public int CasesOf(int statistic) => Math.Min(_first.CasesOf(0), _other.CasesOf(0));

    public void Evaluate(ReadOnlySpan<int> weights, Span<double?> values)
    {
        Span<double?> other = new double?[1];
        _first.Evaluate(weights, values);
        _other.Evaluate(weights, other);
        values[0] -= other[0];
    }

    public void Evaluate(ResampleBlock block, Span<double?> values)
    {
        Span<double?> other = new double?[block.Count];
        _first.Evaluate(block, values);
        _other.Evaluate(block, other);
        for (var i = 0; i < other.Length; i++)
        {
            values[i] -= other[i];
        }
    }
}
