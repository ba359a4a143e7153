using CovidCxr.Statistics.Discrimination;

namespace CovidCxr.Statistics.Drift;

/// <summary>One period of a run chart.</summary>
/// <param name="Proportion">events / cases with Wilson's interval; no value without cases.</param>
/// <param name="Lower">The lower control limit, cut at 0; null without cases.</param>
/// <param name="Upper">The upper control limit, cut at 1; null without cases.</param>
/// <param name="Outside">Beyond a limit: chance does this in about 0.3% of periods.</param>
public sealed record ChartPoint(Estimate Proportion, double? Lower, double? Upper, bool Outside);

/// <summary>
/// Shewhart's p-chart (Montgomery, Introduction to Statistical Quality Control, chapter 7): the centre is the proportion over the baseline, the limits lie three
/// standard errors of each period's size away. With fewer than about 5 expected events in a period they are rough.
/// </summary>
/// <param name="Centre">The proportion over the baseline; null where it has no cases, and then no point has limits.</param>
public sealed record ProportionChart(double? Centre, IReadOnlyList<ChartPoint> Points)
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
        return new(centre, [.. periods.Select(p => Point(p.Events, p.Cases, centre))]);
    }

    static ChartPoint Point(int events, int cases, double? centre)
    {
        var proportion = Wilson.Proportion(events, cases);
        if (cases == 0 || centre is not { } c)
        {
            return new(proportion, null, null, false);
        }

        var half = Sigmas * Math.Sqrt(c * (1 - c) / cases);
        var (lower, upper) = (Math.Max(0, c - half), Math.Min(1, c + half));
        // Rounding must not put a point outside that lies on the line.
        return new(proportion, lower, upper, proportion.Value < lower - 1e-12 || proportion.Value > upper + 1e-12);
    }
}
