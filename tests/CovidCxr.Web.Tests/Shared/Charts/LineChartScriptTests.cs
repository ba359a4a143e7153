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

    [Fact]
    public async Task Marks_AreDrawnAtTheirDays_AndThoseOutsideAreNot()
    {
        const string Inked =
            """
            async ([from, to, marked]) => {
              const { create } = await import('/charts/line-chart.js');
              const canvas = document.body.appendChild(document.createElement('canvas'));
              const chart = create(canvas, { xLabel: 'week from', yLabel: '%', dayX: true }, null);
              const series = [{ name: 'Agreement', points: [{ x: from, y: 50 }, { x: to, y: 50 }] }];
              const inkAt = day => {
                const drawn = Chart.getChart(canvas), { top, bottom } = drawn.chartArea;
                const at = Math.round(drawn.scales.x.getPixelForValue(day)), ratio = drawn.currentDevicePixelRatio;
                const { data } = canvas.getContext('2d').getImageData((at - 1) * ratio, top * ratio, 3 * ratio, (bottom - top) * ratio);
                return data.filter((v, i) => i % 4 === 3 && v > 0).length;
              };
              chart.update(series, []);
              const before = inkAt(marked);
              // Left of the axis, where its labels stand: on the canvas, and no place of a day.
              const { x, y } = Chart.getChart(canvas).scales, outside = x.getValueForPixel(y.left + 6);
              const without = inkAt(outside);
              chart.update(series, [{ number: 1, x: marked }, { number: 2, x: outside }]);
              return [before, inkAt(marked), without, inkAt(outside), Number(outside < x.min)];
            }
            """;
        var page = await browser.OpenAsync("2d");
        var monday = new DateOnly(2026, 3, 2);

        var ink = await page.EvaluateAsync<int[]>(Inked, new[] { monday.DayNumber, monday.DayNumber + 70, monday.DayNumber + 31 });

        Assert.True(ink[1] > ink[0] + 40, $"{ink[1]} points of ink with the mark, {ink[0]} without");
        Assert.Equal((1, ink[2]), (ink[4], ink[3]));
    }

    [Fact]
    public async Task Spans_AreLinesOfTheirOwn_AndTheTooltipTellsThemWithoutAHeight()
    {
        const string Inked =
            """
            async first => {
              const { create } = await import('/charts/line-chart.js');
              const canvas = document.body.appendChild(document.createElement('canvas'));
              const chart = create(canvas, { xLabel: 'Day', yLabel: 'share', dayX: true, min: 0, max: 1 }, null);
              // The second lies within the first, so that the days are not in order.
              const points = [[0, 1.06], [30, 1.06], [10, 1.12], [20, 1.12], [50, 1.06], [60, 1.06]]
                .map(([day, y]) => ({ x: first + day, y, label: 'Oxygen' }));
              chart.update([{ name: 'Therapy notes', spans: true, points }]);
              const drawn = Chart.getChart(canvas), { x, y } = drawn.scales, ratio = drawn.currentDevicePixelRatio;
              const inkAt = (day, height) => {
                const [left, top] = [x.getPixelForValue(first + day), y.getPixelForValue(height)].map(v => Math.round(v * ratio));
                const { data } = canvas.getContext('2d').getImageData(left, top, 1, 1);
                return data[0] === 0x56 && data[1] === 0xb4 && data[2] === 0xe9 ? 1 : 0;
              };
              const label = drawn.options.plugins.tooltip.callbacks.label(
                { dataset: drawn.data.datasets[0], raw: points[0], parsed: points[0] });
              return [[15, 1.06], [15, 1.12], [55, 1.06], [40, 1.06], [25, 1.12]].map(([d, h]) => inkAt(d, h)).join('') + ' ' + label;
            }
            """;
        var page = await browser.OpenAsync("2d");

        var drawn = await page.EvaluateAsync<string>(Inked, new DateOnly(2026, 3, 2).DayNumber);

        Assert.Equal("11100 Therapy notes Oxygen", drawn);
    }

    static DateOnly Day(string label) => DateOnly.ParseExact(label, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
