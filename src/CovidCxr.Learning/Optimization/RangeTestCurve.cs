namespace CovidCxr.Learning.Optimization;

/// <summary>One iteration of a range test.</summary>
/// <param name="Rate">Of every layer at this iteration.</param>
/// <param name="Loss">Of the batch.</param>
/// <param name="SmoothedLoss">The exponential average up to here.</param>
public sealed record RangeTestPoint(double Rate, double Loss, double SmoothedLoss);

/// <summary>A suggested amin and amax.</summary>
public sealed record RateRange(double MinRate, double MaxRate);

/// <param name="Range">Null where the curve does not show one.</param>
/// <param name="Reason">Why there is none, as a sentence; empty where there is one.</param>
public sealed record RangeSuggestion(RateRange? Range, string Reason);

/// <summary>Loss against an exponentially growing rate (Adedigba et al. 2021, Fig. 7), as far as it was measured.</summary>
public sealed class RangeTestCurve
{
    public const double FirstRate = 1e-7, LastRate = 10, Smoothing = 0.98, StopFactor = 4;

    // A slope is measured over a decade of rates; with fewer batches in it its error is not known.
    const double HalfWindow = 0.5;
    const int FewestInWindow = 12;

    /// <summary>
    /// Steps of a test that is not told how many: twice as many as a slope needs, so that a fall is seen which is small beside the noise of
    /// batches.
    /// </summary>
    public const int DefaultSteps = 240;

    /// <summary>For the whole range of eight decades: with fewer, none holds as many batches as a slope needs.</summary>
    public const int FewestSteps = 100;

    // Of eight decades of pure noise one in about a thousand curves falls so many standard errors somewhere.
    const double SureFall = 5;

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
    /// The rates about the steepest fall of the loss over the logarithm of the rate, where it falls at least half as steeply. Slopes are
    /// least squares over a decade of the batches' own losses. Only a fall of several standard errors counts, and only before the mean loss
    /// of a decade has its minimum: what follows is a loss that rises again.
    /// </summary>
    public RangeSuggestion Suggest()
    {
        double[] rates = [.. _points.Select(p => Math.Log10(p.Rate))];
        double[] losses = [.. _points.Select(p => p.Loss)];
        var windows = Enumerable.Range(0, rates.Length)
            .Where(i => rates[i] - rates[0] >= HalfWindow && rates[^1] - rates[i] >= HalfWindow)
            .Select(i => Window.Around(i, rates, losses, HalfWindow)).Where(w => w.Points >= FewestInWindow).ToList();
        if (windows.Count == 0)
        {
            return new(
                null, $"Too few batches were measured for a decade of rates: {FewestSteps} steps or more are needed for the whole range.");
        }

        var lowest = windows.IndexOf(windows.MinBy(w => w.Mean)!);
        var falling = windows.Take(lowest + 1).Where(w => w.Slope < -SureFall * w.SlopeError).ToList();
        if (falling.MinBy(w => w.Slope) is not { } steepest)
        {
            return new(
                null, "The loss falls nowhere by more than the noise of its batches: no range can be suggested. More steps may show one.");
        }

        bool IsSteep(Window w) => w.Slope <= steepest.Slope / 2;
        var at = windows.IndexOf(steepest);
        int first = at, last = at;
        while (first > 0 && IsSteep(windows[first - 1]))
        {
            first--;
        }

        while (last < lowest && IsSteep(windows[last + 1]))
        {
            last++;
        }

        return new(new(_points[windows[first].Centre].Rate, _points[windows[last].Centre].Rate), "");
    }

    /// <summary>The losses about a point, and the line through them.</summary>
    sealed record Window(int Centre, int Points, double Mean, double Slope, double SlopeError)
    {
        public static Window Around(int centre, double[] rates, double[] losses, double half)
        {
            int[] members = [.. Enumerable.Range(0, rates.Length).Where(i => Math.Abs(rates[i] - rates[centre]) <= half)];
            double x = members.Average(i => rates[i]), y = members.Average(i => losses[i]);
            var spread = members.Sum(i => (rates[i] - x) * (rates[i] - x));
            var slope = members.Sum(i => (rates[i] - x) * (losses[i] - y)) / spread;
            var residual = members.Sum(i => Math.Pow(losses[i] - y - (slope * (rates[i] - x)), 2));
            return new(centre, members.Length, y, slope, Math.Sqrt(residual / Math.Max(1, members.Length - 2) / spread));
        }
    }
}
