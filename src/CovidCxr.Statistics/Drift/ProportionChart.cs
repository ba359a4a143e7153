using CovidCxr.Statistics.Discrimination;

namespace CovidCxr.Statistics.Drift;

/// <summary>
/// The four zone rules of the Western Electric Statistical Quality Control Handbook (1956, page 25). All sigmas are those of a period's own
/// size.
/// </summary>
[Flags]
public enum ChartSignals
{
    None = 0,

    /// <summary>Beyond three sigmas: chance does this in about 0.3% of periods.</summary>
    Outside = 1,

    /// <summary>This and another of the last three periods beyond two sigmas on one side.</summary>
    TwoOfThree = 2,

    /// <summary>This and three others of the last five periods beyond one sigma on one side.</summary>
    FourOfFive = 4,

    /// <summary>The eighth period in a row, or a later one, on one side of the centre.</summary>
    EightInARow = 8,
}

/// <summary>One period of a run chart.</summary>
/// <param name="Proportion">events / cases with Wilson's interval; no value without cases.</param>
/// <param name="Lower">The lower control limit, cut at 0; null without cases.</param>
/// <param name="Upper">The upper control limit, cut at 1; null without cases.</param>
/// <param name="Signals">What of the process is not chance's doing, said at the last period of each run.</param>
public sealed record ControlPoint(Estimate Proportion, double? Lower, double? Upper, ChartSignals Signals)
{
    /// <summary>Beyond a limit.</summary>
    public bool Outside => Signals.HasFlag(ChartSignals.Outside);
}

/// <summary>
/// Shewhart's p-chart (Montgomery, Introduction to Statistical Quality Control, chapter 7): the centre is the proportion over the baseline,
/// the limits lie three standard errors of each period's size away. With fewer than about 5 expected events in a period they are rough. A
/// period without cases has no point, and interrupts no run.
/// </summary>
/// <param name="Centre">The proportion over the baseline; null where it has no cases, and then no point has limits.</param>
public sealed record ProportionChart(double? Centre, IReadOnlyList<ControlPoint> Points)
{
    /// <summary>Standard errors from the centre to a limit.</summary>
    public const double Sigmas = 3;

    /// <param name="periods">Events among cases, 0 &lt;= events &lt;= cases, in order of time.</param>
    /// <param name="baseline">How many of the first periods make the centre; null: all.</param>
    /// <exception cref="ArgumentOutOfRangeException">More events than cases, or the baseline is not 1 .. number of periods.</exception>
    public static ProportionChart Of(IReadOnlyList<(int Events, int Cases)> periods, int? baseline = null)
    {
        if (baseline is { } count)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(count, periods.Count, nameof(baseline));
        }

        var first = periods.Take(baseline ?? periods.Count).ToList();
        var cases = first.Sum(p => (long)p.Cases);
        double? centre = cases == 0 ? null : first.Sum(p => (long)p.Events) / (double)cases;
        List<double> deviations = [];
        return new(centre, [.. periods.Select(p => Point(p.Events, p.Cases, centre, deviations))]);
    }

    /// <param name="deviations">Of the periods before, in sigmas from the centre; this one is added.</param>
    static ControlPoint Point(int events, int cases, double? centre, List<double> deviations)
    {
        var proportion = Wilson.Proportion(events, cases);
        if (cases == 0 || centre is not { } c)
        {
            return new(proportion, null, null, ChartSignals.None);
        }

        var sigma = Math.Sqrt(c * (1 - c) / cases);
        deviations.Add(Deviation(proportion.Value!.Value - c, sigma));
        return new(proportion, Math.Max(0, c - (Sigmas * sigma)), Math.Min(1, c + (Sigmas * sigma)), Signals(deviations));
    }

    // Rounding must not put a point beyond a line that lies on it.
    static double Deviation(double difference, double sigma) => Math.Abs(difference) < 1e-12 ? 0
        : sigma == 0 ? double.PositiveInfinity * difference
        : (difference - Math.CopySign(1e-12, difference)) / sigma;

    static ChartSignals Signals(List<double> deviations)
    {
        var last = deviations[^1];
        return (IsRun(1, 1, Sigmas) ? ChartSignals.Outside : 0) | (IsRun(2, 3, 2) ? ChartSignals.TwoOfThree : 0)
            | (IsRun(4, 5, 1) ? ChartSignals.FourOfFive : 0) | (IsRun(8, 8, 0) ? ChartSignals.EightInARow : 0);

        // The newest among them: of the last so many as many beyond so many sigmas on its side.
        bool IsRun(int count, int of, double sigmas) =>
            last * Math.Sign(last) > sigmas && deviations.TakeLast(of).Count(d => d * Math.Sign(last) > sigmas) >= count;
    }
}
