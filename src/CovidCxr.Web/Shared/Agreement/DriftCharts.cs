using CovidCxr.Clinic.Drift;
using CovidCxr.Web.Shared.Charts;

namespace CovidCxr.Web.Shared.Agreement;

/// <summary>The lines of the drift's charts, for the screen and for paper.</summary>
static class DriftCharts
{
    public static IReadOnlyList<ChartSeries> Weeks(AgreementChart chart)
    {
        var drawn = chart.Weeks.Where(w => w.Point.Proportion.Value is not null).ToList();
        return
        [
            new("Agreement", [.. drawn.Select(w => At(w, w.Point.Proportion.Value, $"{w.Agreeing} of {w.Called}"))]),
            new("Upper limit", [.. drawn.Select(w => At(w, w.Point.Upper))]),
            new("Lower limit", [.. drawn.Select(w => At(w, w.Point.Lower))]),
            new("Centre", [.. drawn.Select(w => At(w, chart.Centre))]),
            .. drawn.Any(w => w.Point.Outside)
                ? [new ChartSeries("Beyond a limit", [.. drawn.Where(w => w.Point.Outside).Select(Beyond)], IsScatter: true)]
                : Array.Empty<ChartSeries>(),
        ];

        ChartPoint Beyond(AgreementWeek week) => At(week, week.Point.Proportion.Value, week.Words(chart.Centre));

        static ChartPoint At(AgreementWeek week, double? share, string? label = null) => new(week.Monday.DayNumber, share * 100, label);
    }

    /// <summary>Stability indices of the scores, with the lines from which on they are called shifts.</summary>
    public static IReadOnlyList<ChartSeries> Months(IReadOnlyList<DriftMonth> months)
    {
        return
        [
            new("The month before", [.. months.Select(m => At(m, m.Previous.Index?.Value))]),
            .. months.Any(m => m.Trained is not null)
                ? [new ChartSeries("Validation", [.. months.Select(m => At(m, m.Trained?.Index?.Value))])]
                : Array.Empty<ChartSeries>(),
            new("Small shift", [.. months.Select(m => At(m, DriftComparison.SmallShift))]),
            new("Large shift", [.. months.Select(m => At(m, DriftComparison.LargeShift))]),
        ];

        static ChartPoint At(DriftMonth month, double? index) => new(month.First.DayNumber, index);
    }

    /// <summary>What changed by somebody's decision.</summary>
    public static IReadOnlyList<ChartMark> Marks(IReadOnlyList<DepartmentChange> changes) =>
        [.. changes.Select((c, i) => new ChartMark(i + 1, c.Day.DayNumber, $"{c.Day.Iso()} {c.Words()}"))];

    /// <summary>Shares of the bins in %, for the sides that have cases.</summary>
    public static IReadOnlyList<ChartSeries> Bins(DriftMeasure measure)
    {
        return
        [
            .. Side("The period", b => b.Current),
            .. Side("The month before", b => b.Previous),
            .. Side(measure.Quantity == DriftQuantity.Score ? "Validation" : "Training", b => b.Trained),
        ];

        IEnumerable<ChartSeries> Side(string name, Func<DriftBin, double?> share) =>
            measure.Bins.Any(b => share(b) is not null)
                ? [new(name, [.. measure.Bins.Select(b => new ChartPoint(b.Middle, share(b) * 100))])]
                : [];
    }
}
