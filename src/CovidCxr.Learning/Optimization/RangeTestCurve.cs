namespace CovidCxr.Learning.Optimization;

/// <summary>One iteration of a range test.</summary>
/// <param name="Rate">Of every layer at this iteration.</param>
/// <param name="Loss">Of the batch.</param>
/// <param name="SmoothedLoss">The exponential average up to here.</param>
public sealed record RangeTestPoint(double Rate, double Loss, double SmoothedLoss);

/// <summary>A suggested amin and amax.</summary>
public sealed record RateRange(double MinRate, double MaxRate);

/// <summary>Loss against an exponentially growing rate (Adedigba et al. 2021, Fig. 7), as far as it was measured.</summary>
public sealed class RangeTestCurve
{
    public const double FirstRate = 1e-7, LastRate = 10, Smoothing = 0.98, StopFactor = 4;

    // Losses this many points apart make a slope; nearer ones are mostly the noise of their batches.
    const int Reach = 3;

    // Before so many losses the average is still the noise of its first batches, and falls or rises with it.
    const int Settled = 10;

    readonly List<RangeTestPoint> _points = [];
    double _average, _best = double.PositiveInfinity;

    public IReadOnlyList<RangeTestPoint> Points => _points;

    /// <summary>The rate of an iteration: 1e-7 at the first, 10 at the last, geometric between.</summary>
    /// <param name="iteration">0 .. iterations - 1.</param>
    /// <param name="iterations">At least 2.</param>
    public static double RateAt(int iteration, int iterations) =>
        FirstRate * Math.Pow(LastRate / FirstRate, (double)iteration / (iterations - 1));

    /// <summary>Takes one measurement.</summary>
    /// <returns>Whether to go on: false once the smoothed loss exceeds four times its best, or the loss is no number.</returns>
    public bool Add(double rate, double loss)
    {
        if (!double.IsFinite(loss))
        {
            return false;
        }

        _average = (Smoothing * _average) + ((1 - Smoothing) * loss);
        var smoothed = _average / (1 - Math.Pow(Smoothing, _points.Count + 1));
        _points.Add(new(rate, loss, smoothed));
        _best = Math.Min(_best, smoothed);
        return smoothed <= StopFactor * _best;
    }

    /// <summary>
    /// The rates about the steepest fall of the smoothed loss (over the logarithm of the rate) where it falls at least half as steeply;
    /// null where it never falls. The first ten points, too few to average, are left out.
    /// </summary>
    public RateRange? Suggest()
    {
        const int from = Settled + Reach;
        if (_points.Count <= from + Reach)
        {
            return null;
        }

        var slopes = Enumerable.Range(from, _points.Count - from - Reach).Select(Slope).ToArray();
        var steepest = Array.IndexOf(slopes, slopes.Min());
        if (slopes[steepest] >= 0)
        {
            return null;
        }

        int first = steepest, last = steepest;
        while (first > 0 && slopes[first - 1] <= slopes[steepest] / 2)
        {
            first--;
        }

        while (last < slopes.Length - 1 && slopes[last + 1] <= slopes[steepest] / 2)
        {
            last++;
        }

        return new(_points[first + from].Rate, _points[last + from].Rate);
    }

    double Slope(int i)
    {
        var (before, after) = (_points[i - Reach], _points[i + Reach]);
        return (after.SmoothedLoss - before.SmoothedLoss) / Math.Log10(after.Rate / before.Rate);
    }
}
