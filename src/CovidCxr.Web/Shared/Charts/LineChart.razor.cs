using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace CovidCxr.Web.Shared.Charts;

/// <summary>A line chart drawn by wwwroot-assets/charts. Redrawn when its series are another object than before.</summary>
public sealed partial class LineChart(IJSRuntime js) : ComponentBase, IAsyncDisposable
{
    const string Module = "./charts/line-chart.js";

    ElementReference _canvas, _picked;
    readonly PageScript _chart = new(js);
    IReadOnlyList<ChartSeries>? _drawn;

    [Parameter, EditorRequired]
    public required string Title { get; set; }

    [Parameter, EditorRequired]
    public required string XLabel { get; set; }

    [Parameter, EditorRequired]
    public required string YLabel { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<ChartSeries> Series { get; set; }

    /// <summary>Drawn as upright lines with their numbers.</summary>
    [Parameter]
    public IReadOnlyList<ChartMark> Marks { get; set; } = [];

    [Parameter]
    public bool LogarithmicX { get; set; }

    [Parameter]
    public bool LogarithmicY { get; set; }

    /// <summary>The horizontal axis counts days (<see cref="DateOnly.DayNumber"/>) and shows dates.</summary>
    [Parameter]
    public bool DayX { get; set; }

    [Parameter]
    public double? Min { get; set; }

    [Parameter]
    public double? Max { get; set; }

    /// <summary>
    /// Told the place on the horizontal axis where the chart was clicked. What it sets must be reachable without a mouse too.
    /// </summary>
    [Parameter]
    public EventCallback<double> OnPick { get; set; }

    // The last values, for those who do not see the lines; the page has the table.
    string Summary =>
        $"{Title}, {YLabel} by {XLabel}. " + string.Join(", ", Series.Select(s =>
            $"{s.Name} {(s.IsSpans ? $"{s.Points.Count / 2}" : LastOf(s)?.Fixed(4) ?? "no value yet")}"));

    static double? LastOf(ChartSeries series) => series.Points.Select(p => p.Y).LastOrDefault(y => y is not null);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await _chart.StartAsync(
                Module,
                "create",
                _canvas,
                new
                {
                    xLabel = XLabel,
                    yLabel = YLabel,
                    logarithmicX = LogarithmicX,
                    logarithmicY = LogarithmicY,
                    dayX = DayX,
                    min = Min,
                    max = Max,
                },
                OnPick.HasDelegate ? _picked : null);
        }

        if (_chart.IsRunning && !ReferenceEquals(_drawn, Series))
        {
            _drawn = Series;
            await _chart.CallAsync(
                "update",
                Series.Select(s => s.Thinned()).Select(s => new
                {
                    name = s.Name,
                    scatter = s.IsScatter,
                    spans = s.IsSpans,
                    points = s.Points.Where(p => p.Y is not null).Select(p => new { x = p.X, y = p.Y, label = p.Label }),
                }),
                Marks.Select(m => new { number = m.Number, x = m.X }));
        }
    }

    // The script writes the place into the hidden field: no method of ours is callable by a script.
    Task PickAsync(ChangeEventArgs e) =>
        double.TryParse(e.Value as string, NumberStyles.Float, CultureInfo.InvariantCulture, out var place) && double.IsFinite(place)
            ? OnPick.InvokeAsync(place)
            : Task.CompletedTask;

    public ValueTask DisposeAsync() => _chart.DisposeAsync();
}
