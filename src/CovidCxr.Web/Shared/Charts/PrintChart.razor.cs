using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace CovidCxr.Web.Shared.Charts;

/// <summary>
/// A line chart as SVG, for a page without a circuit. Lines differ by their dashes and points by their marks, so that grey paper tells them
/// apart.
/// </summary>
public sealed partial class PrintChart : ComponentBase
{
    const int Width = 480, Left = 52, Right = 14, Top = 10, Plot = 200, PerLegendLine = 3, LegendStep = 15, MostDots = 40;

    // Darker than on the screen: thin lines on white paper.
    static readonly string[] Colours = ["#0b5cad", "#b04400", "#00795a", "#a3417c", "#1b2329", "#5a64a8"];
    static readonly string[] Dashes = ["", "6 3", "2 2", "8 3 2 3", "4 4", "1 3"];

    static readonly double[] RoundNumbers = [1, 2, 5, 10];

    double[] _xTicks = [], _yTicks = [];
    double _x0, _x1, _y0, _y1;

    [Parameter, EditorRequired]
    public required string Title { get; set; }

    [Parameter, EditorRequired]
    public required string XLabel { get; set; }

    [Parameter, EditorRequired]
    public required string YLabel { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<ChartSeries> Series { get; set; }

    /// <summary>Drawn as upright lines with their numbers, where they lie within the axis.</summary>
    [Parameter]
    public IReadOnlyList<ChartMark> Marks { get; set; } = [];

    /// <summary>Held by the vertical axis; likewise Max.</summary>
    [Parameter]
    public double? Min { get; set; }

    [Parameter]
    public double? Max { get; set; }

    /// <summary>The horizontal axis counts days (<see cref="DateOnly.DayNumber"/>) and shows dates.</summary>
    [Parameter]
    public bool DayX { get; set; }

    int LegendHeight => ((Series.Count + PerLegendLine - 1) / PerLegendLine * LegendStep) + 6;

    int Bottom => 36 + LegendHeight;

    int Height => Top + Plot + Bottom;

    protected override void OnParametersSet()
    {
        var points = Series.SelectMany(s => s.Points).Where(p => p.Y is not null).ToList();
        (_x0, _x1) = Range(points.Select(p => p.X));
        (_y0, _y1) = Range(points.Select(p => p.Y!.Value).Concat(new[] { Min, Max }.OfType<double>()));
        _yTicks = Ticks(_y0, _y1, 5);
        (_y0, _y1) = (Math.Min(_y0, _yTicks[0]), Math.Max(_y1, _yTicks[^1]));
        _xTicks = DayX ? Days(_x0, _x1) : Ticks(_x0, _x1, 5);
    }

    static (double Low, double High) Range(IEnumerable<double> values)
    {
        var all = values.DefaultIfEmpty(0).ToList();
        var (low, high) = (all.Min(), all.Max());
        return high > low ? (low, high) : (low - 0.5, low + 0.5);
    }

    /// <summary>Round numbers within the range, about so many.</summary>
    static double[] Ticks(double low, double high, int count)
    {
        var rough = (high - low) / count;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = RoundNumbers.Select(m => m * power).First(s => s >= rough - 1e-12);
        var first = Math.Ceiling((low / step) - 1e-9);
        return [.. Enumerable.Range(0, (int)(Math.Floor((high / step) + 1e-9) - first) + 1).Select(i => (first + i) * step)];
    }

    // Whole weeks, so that a tick stands at a point.
    static double[] Days(double low, double high)
    {
        var step = Math.Max(1, Math.Ceiling((high - low) / 7 / 4)) * 7;
        return
        [
            .. Enumerable
                .Range(0, (int)((high - low) / step) + 1)
                .Select(i => low + (i * step))
                .Where(d => d >= 0 && d < DateOnly.MaxValue.DayNumber)
        ];
    }

    double X(double x) => Left + ((x - _x0) / (_x1 - _x0) * (Width - Left - Right));

    double Y(double y) => Top + ((_y1 - y) / (_y1 - _y0) * Plot);

    static int LegendX(int index) => index % PerLegendLine * 140;

    int LegendY(int index) => Height - LegendHeight + 14 + (index / PerLegendLine * LegendStep);

    string Line(ChartSeries series) =>
        string.Join(' ', series.Points.Where(p => p.Y is not null).Select(p => $"{N(X(p.X))},{N(Y(p.Y!.Value))}"));

    static string Mark(int index, double x, double y) => (index % 3) switch
    {
        0 => FormattableString.Invariant($"M{x - 4:F1} {y:F1}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0"),
        1 => FormattableString.Invariant($"M{x - 4.5:F1} {y + 3.5:F1}h9l-4.5 -8z"),
        _ => FormattableString.Invariant($"M{x - 4:F1} {y - 4:F1}h8v8h-8z"),
    };

    static string Tick(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
