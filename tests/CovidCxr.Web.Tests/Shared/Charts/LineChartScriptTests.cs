using System.Globalization;
using CovidCxr.Web.Tests.Features.Clinic.Readings.Viewer;

namespace CovidCxr.Web.Tests.Shared.Charts;

/// <summary>The axes that Chart.js draws for us, in a real browser.</summary>
[Collection("Viewer")]
[Trait("Speed", "Slow")]
public sealed class LineChartScriptTests(ViewerBrowser browser)
{
    const string Draw =
        """
        async days => {
          const { create } = await import('/charts/line-chart.js');
          const canvas = document.body.appendChild(document.createElement('canvas'));
          const chart = create(canvas, { xLabel: 'week from', yLabel: '%', dayX: true }, null);
          chart.update([{ name: 'Agreement', points: days.map(x => ({ x, y: 50 })) }]);
          const { ticks } = Chart.getChart(canvas).scales.x;
          return ticks.map(t => t.label);
        }
        """;

    [Fact]
    public async Task DayAxis_OfASingleWeek_ShowsTheDaysAroundIt()
    {
        var page = await browser.OpenAsync("2d");
        var monday = new DateOnly(2026, 3, 2);

        var ticks = await page.EvaluateAsync<string[]>(Draw, new[] { monday.DayNumber });

        Assert.Contains("2026-03-02", ticks);
        Assert.All(ticks, t => Assert.InRange(Day(t), monday.AddDays(-7), monday.AddDays(7)));
    }

    [Fact]
    public async Task DayAxis_OfTwoWeeks_ShowsTheDaysAroundThem()
    {
        var page = await browser.OpenAsync("2d");
        var monday = new DateOnly(2026, 3, 2);

        var ticks = await page.EvaluateAsync<string[]>(Draw, new[] { monday.DayNumber, monday.DayNumber + 7 });

        Assert.Contains("2026-03-09", ticks);
        Assert.All(ticks, t => Assert.InRange(Day(t), monday.AddDays(-7), monday.AddDays(14)));
    }

    static DateOnly Day(string label) => DateOnly.ParseExact(label, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
