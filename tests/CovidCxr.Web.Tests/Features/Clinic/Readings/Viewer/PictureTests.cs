namespace CovidCxr.Web.Tests.Features.Clinic.Readings.Viewer;

/// <summary>The device pixels of both renderers against numbers computed here.</summary>
[Collection("Viewer")]
[Trait("Speed", "Slow")]
public class PictureTests(ViewerBrowser browser)
{
    const int Tolerance = 1;

    [Theory]
    [InlineData("webgl", 8, 128, 256, false)]
    [InlineData("2d", 8, 128, 256, false)]
    [InlineData("webgl", 8, 90, 60, true)]
    [InlineData("2d", 8, 90, 60, true)]
    [InlineData("webgl", 16, 30000, 12000, false)]
    [InlineData("2d", 16, 30000, 12000, false)]
    [InlineData("webgl", 12, 2048, 1, true)]
    [InlineData("2d", 12, 2048, 1, true)]
    public async Task OneToOne_AnyWindow_IsDicomsLinearFunction(string renderer, int bits, double centre, double width, bool invert)
    {
        var page = await browser.OpenAsync(renderer);
        var image = TestImage.Noise(33, 21, bits, seed: 7);
        await page.ShowAsync(image);
        await page.WindowAsync(centre, width);
        await page.EvaluateAsync($"viewer.state.invert = {(invert ? "true" : "false")}");
        await page.PlaceAsync(1, 10, 5);

        var canvas = await page.CanvasAsync();

        for (var y = 0; y < image.Height; y++)
        {
            for (var x = 0; x < image.Width; x++)
            {
                var expected = Shade(image.At(x, y), centre, width);
                AssertGrey(invert ? 255 - expected : expected, canvas, 320, 10 + x, 5 + y);
            }
        }

        AssertGrey(0, canvas, 320, 9, 5);
        AssertGrey(0, canvas, 320, 10 + image.Width, 5);
    }

    [Theory]
    [InlineData("webgl")]
    [InlineData("2d")]
    public async Task Minified_ByThree_IsTheMeanOfNineSamples(string renderer)
    {
        var page = await browser.OpenAsync(renderer);
        var image = TestImage.Noise(60, 45, 16, seed: 3);
        await page.ShowAsync(image);
        await page.WindowAsync(32768, 65536);
        await page.PlaceAsync(1.0 / 3, 4, 2);

        var canvas = await page.CanvasAsync();

        for (var (x, y) = (0, 0); x < 20; x++, y = (y + 7) % 15)
        {
            var mean = (from dy in Enumerable.Range(0, 3)
                        from dx in Enumerable.Range(0, 3)
                        select (double)image.At(3 * x + dx, 3 * y + dy)).Average();
            AssertGrey(Shade(mean, 32768, 65536), canvas, 320, 4 + x, 2 + y);
        }
    }

    [Theory]
    [InlineData("webgl")]
    [InlineData("2d")]
    public async Task Enlarged_BelowTwofold_IsBilinear(string renderer)
    {
        var page = await browser.OpenAsync(renderer);
        var image = TestImage.Noise(40, 30, 16, seed: 4);
        await page.ShowAsync(image);
        await page.WindowAsync(32768, 65536);
        await page.PlaceAsync(1.5, 3, 6);

        var canvas = await page.CanvasAsync();

        for (var (x, y) = (0, 0); x < 60; x++, y = (y + 11) % 45)
        {
            AssertGrey(Shade(Bilinear(image.At, (x + 0.5) / 1.5, (y + 0.5) / 1.5), 32768, 65536), canvas, 320, 3 + x, 6 + y);
        }
    }

    [Theory]
    [InlineData("webgl")]
    [InlineData("2d")]
    public async Task Enlarged_FromTwofold_IsTheNearestSample(string renderer)
    {
        var page = await browser.OpenAsync(renderer);
        var image = TestImage.Noise(20, 20, 16, seed: 5);
        await page.ShowAsync(image);
        await page.WindowAsync(32768, 65536);
        await page.PlaceAsync(4, 8, 8);

        var canvas = await page.CanvasAsync();

        for (var x = 0; x < 80; x++)
        {
            AssertGrey(Shade(image.At(x / 4, x / 4), 32768, 65536), canvas, 320, 8 + x, 8 + x);
        }
    }

    [Theory]
    [InlineData("webgl")]
    [InlineData("2d")]
    public async Task HeatMap_OfThreeByTwo_IsBilinearBetweenTexelCentresAndBlended(string renderer)
    {
        const double Opacity = 0.6;
        float[] map = [0, 0.5f, 1, 0.25f, 0.75f, 0.1f];
        var page = await browser.OpenAsync(renderer);
        var image = TestImage.Of(120, 80, 8, (_, _) => 100);
        await page.ShowAsync(image);
        await page.ShowHeatAsync(3, 2, map);
        await page.WindowAsync(128, 256);
        await page.EvaluateAsync($"viewer.state.opacity = {Opacity}");
        await page.PlaceAsync(1, 0, 0);

        var canvas = await page.CanvasAsync();
        var colours = await page.EvaluateAsync<int[]>("import('/viewer/colours.js').then(m => [...m.colours])");

        for (var (x, y) = (0, 0); x < 120; x++, y = (y + 13) % 80)
        {
            var value = Bilinear((c, r) => map[Math.Clamp(r, 0, 1) * 3 + Math.Clamp(c, 0, 2)], (x + 0.5) / 120 * 3, (y + 0.5) / 80 * 2);
            var entry = 3 * (int)Math.Floor(value * 255 + 0.5);
            for (var c = 0; c < 3; c++)
            {
                var expected = 100 + (colours[entry + c] - 100) * Opacity * value;
                // Three steps: the entry itself may fall one beside ours where the value lies on a rounding edge.
                Assert.InRange(canvas[4 * (y * 320 + x) + c], expected - 3, expected + 3);
            }
        }
    }

    [Theory]
    [InlineData("webgl")]
    [InlineData("2d")]
    public async Task Contour_OfARamp_StandsAtItsLevelsAlone(string renderer)
    {
        var page = await browser.OpenAsync(renderer);
        await page.ShowAsync(TestImage.Of(200, 40, 8, (_, _) => 0));
        await page.ShowHeatAsync(200, 1, [.. Enumerable.Range(0, 200).Select(x => x / 199f)]);
        await page.EvaluateAsync("viewer.state.overlay = 'contour'");
        await page.PlaceAsync(1, 0, 0);

        var canvas = await page.CanvasAsync();
        var lit = Enumerable.Range(0, 200).Where(x => canvas[4 * (20 * 320 + x) + 1] > 60).ToArray();

        Assert.All(lit, x => Assert.Contains(new[] { 0.25, 0.5, 0.75 }, level => Math.Abs(x / 199.0 - level) < 1.6 / 199));
        Assert.All(new[] { 0.25, 0.5, 0.75 }, level => Assert.Contains(lit, x => Math.Abs(x / 199.0 - level) < 1.6 / 199));
    }

    [Theory]
    [InlineData(0.11, "fill")]
    [InlineData(0.37, "fill")]
    [InlineData(0.9, "contour")]
    [InlineData(1.3, "fill")]
    [InlineData(2.6, "contour")]
    public async Task Renderers_AtAnyScale_Agree(double scale, string overlay)
    {
        var pictures = new List<byte[]>();
        foreach (var renderer in new[] { "webgl", "2d" })
        {
            var page = await browser.OpenAsync(renderer);
            await page.ShowAsync(TestImage.Of(
                301, 207, 16, (x, y) => (int)(32768 + 20000 * Math.Sin(x / 7.0) * Math.Cos(y / 11.0)) + (x * 7919 + y * 104729) % 3001));
            await page.ShowHeatAsync(
                7, 7, [.. Enumerable.Range(0, 49).Select(i => MathF.Exp(-(MathF.Pow(i % 7 - 2, 2) + MathF.Pow(i / 7 - 4, 2)) / 4))]);
            await page.EvaluateAsync($"viewer.state.overlay = '{overlay}'");
            await page.PlaceAsync(scale, -13, 9);
            Assert.Equal(renderer == "2d" ? "Canvas2D" : "WebGL2", await page.StateAsync<string>("renderer.name"));
            pictures.Add(await page.CanvasAsync());
        }

        var differences = pictures[0].Zip(pictures[1], (a, b) => Math.Abs(a - b)).ToArray();
        // A colour table has edges: a value on one may fall to either side. Everywhere else one step of rounding.
        Assert.True(differences.Max() <= 4, $"differ by {differences.Max()}");
        Assert.InRange(differences.Count(d => d > Tolerance), 0, differences.Length / 200);
    }

    [Theory]
    [InlineData("webgl")]
    [InlineData("2d")]
    public async Task DevicePixelRatio_OfTwo_DoublesTheCanvas(string renderer)
    {
        var page = await browser.OpenAsync(renderer, ratio: 2);
        await page.ShowAsync(TestImage.Of(320, 240, 8, (x, _) => x % 256));

        Assert.Equal(640, await page.StateAsync<int>("renderer.canvas.width"));
        Assert.Equal(480, await page.StateAsync<int>("renderer.canvas.height"));
        Assert.Equal(2, await page.StateAsync<double>("view.scale"));
    }

    static double Shade(double value, double centre, double width) =>
        255 * Math.Clamp((value - (centre - 0.5)) / Math.Max(width - 1, 1e-3) + 0.5, 0, 1);

    static double Bilinear(Func<int, int, double> at, double px, double py)
    {
        var (x, y) = (px - 0.5, py - 0.5);
        var (x0, y0) = ((int)Math.Floor(x), (int)Math.Floor(y));
        var (u, v) = (x - x0, y - y0);
        return (at(x0, y0) * (1 - u) + at(x0 + 1, y0) * u) * (1 - v) + (at(x0, y0 + 1) * (1 - u) + at(x0 + 1, y0 + 1) * u) * v;
    }

    static double Bilinear(Func<int, int, ushort> at, double px, double py) => Bilinear((x, y) => (double)at(x, y), px, py);

    static void AssertGrey(double expected, byte[] canvas, int stride, int x, int y)
    {
        for (var c = 0; c < 3; c++)
        {
            Assert.InRange(canvas[4 * (y * stride + x) + c], expected - Tolerance, expected + Tolerance);
        }
    }
}
