using Microsoft.Playwright;

namespace CovidCxr.Web.Tests.Features.Clinic.Readings.Viewer;

/// <summary>Turned and mirrored films, measured lines, named windows and the magnifier.</summary>
[Collection("Viewer")]
[Trait("Speed", "Slow")]
public class OrientationTests(ViewerBrowser browser)
{
    // A film of rows, as a hand would turn and mirror it.
    static ushort[][] Rows(TestImage image) =>
        [.. Enumerable.Range(0, image.Height).Select(y => Enumerable.Range(0, image.Width).Select(x => image.At(x, y)).ToArray())];

    static ushort[][] Turned(ushort[][] rows) =>
        [.. Enumerable.Range(0, rows[0].Length).Select(x => rows.Reverse().Select(r => r[x]).ToArray())];

    static ushort[][] Mirrored(ushort[][] rows) => [.. rows.Select(r => r.Reverse().ToArray())];

    [Theory]
    [InlineData("webgl", "t", "TURNED 90°")]
    [InlineData("2d", "t", "TURNED 90°")]
    [InlineData("2d", "tt", "TURNED 180°")]
    [InlineData("2d", "x", "MIRRORED")]
    [InlineData("webgl", "tx", "MIRRORED · TURNED 270°")]
    [InlineData("2d", "tx", "MIRRORED · TURNED 270°")]
    [InlineData("2d", "xt", "MIRRORED · TURNED 90°")]
    [InlineData("2d", "ttxtx", "TURNED 90°")]
    [InlineData("2d", "xttttx", "")]
    public async Task TurnAndMirror_ShowTheFilmAsAHandWouldLayIt_AndSaySo(string renderer, string keys, string words)
    {
        var page = await browser.OpenAsync(renderer);
        var image = TestImage.Noise(33, 21, 16, seed: 11);
        await page.ShowAsync(image);
        await page.FocusAsync(".viewer-stage");
        var expected = Rows(image);
        foreach (var key in keys)
        {
            await page.Keyboard.PressAsync($"{key}");
            expected = key == 't' ? Turned(expected) : Mirrored(expected);
        }

        await page.WindowAsync(32768, 65536);
        await page.PlaceAsync(1, 10, 5);
        var canvas = await page.CanvasAsync();

        for (var y = 0; y < expected.Length; y++)
        {
            for (var x = 0; x < expected[0].Length; x++)
            {
                Assert.InRange(
                    canvas[4 * (((5 + y) * 320) + 10 + x)] - (expected[y][x] / 65535.0 * 255), -1.01, 1.01);
            }
        }

        await page.WaitForFunctionAsync("words => document.querySelector('.viewer-turned').textContent === words", words);
    }

    [Fact]
    public async Task Cursor_OverATurnedFilm_SaysTheStoredPoint_AndTheHeatMapTurnsWithIt()
    {
        var page = await browser.OpenAsync("2d");
        await page.ShowAsync(TestImage.Of(300, 200, 8, (x, y) => x == 250 && y == 20 ? 255 : 0));
        await page.ShowHeatAsync(3, 2, [0, 0, 1, 0, 0, 0]);
        await page.FocusAsync(".viewer-stage");
        await page.Keyboard.PressAsync("t");
        await page.Keyboard.PressAsync("o");

        // A quarter clockwise: (x, y) goes to (height - 1 - y, x).
        Assert.Equal(255, await page.StateAsync<int>("image.samples[250 * 200 + 179]"));
        await page.PlaceAsync(1, 0, 0);
        Assert.Equal((int[])[250, 20, 255], await page.EvaluateAsync<int[]>("Object.values(viewer.read(179, 250)).map(Number)"));
        Assert.Equal((int[])[2, 3], await page.EvaluateAsync<int[]>("[viewer.heat.width, viewer.heat.height]"));
        Assert.Equal((float[])[0, 0, 0, 0, 0, 1], await page.EvaluateAsync<float[]>("[...viewer.heat.values]"));
        Assert.Contains("patient’s left, upper", await page.TextContentAsync(".viewer-legend"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reset_AfterATurn_ShowsTheFilmAsItCame()
    {
        var page = await browser.OpenAsync("2d");
        await page.ShowAsync(TestImage.Noise(40, 30, 8, seed: 3));
        await page.FocusAsync(".viewer-stage");
        foreach (var key in "txmi")
        {
            await page.Keyboard.PressAsync($"{key}");
        }

        await page.Keyboard.PressAsync("r");

        Assert.True(await page.EvaluateAsync<bool>("viewer.image === viewer.state.stored.image"));
        Assert.False(await page.StateAsync<bool>("state.measuring"));
        await page.WaitForFunctionAsync("document.querySelector('.viewer-turned').textContent === ''");
    }

    [Fact]
    public async Task Measure_TwoLines_AreSaidInPixelsAndInSharesOfEachOther_AndLeaveTheWindowAlone()
    {
        var page = await browser.OpenAsync("2d");
        await page.ShowAsync(TestImage.Of(640, 480, 8, (x, _) => x % 256));
        await page.FocusAsync(".viewer-stage");
        var width = await page.StateAsync<double>("state.window.width");
        await page.Keyboard.PressAsync("m");

        // The film is shown at half its size.
        await LineAsync(page, (20, 100), (220, 100));
        await LineAsync(page, (50, 120), (50, 220));

        await page.WaitForFunctionAsync("document.querySelectorAll('.viewer-lines text').length === 2");
        Assert.Equal(["400 px", "200 px, 0.50 of the other"], await page.Locator(".viewer-lines text").AllTextContentsAsync());
        Assert.Equal(width, await page.StateAsync<double>("state.window.width"));
        await LineAsync(page, (10, 10), (60, 10));
        Assert.Equal(2, await page.Locator(".viewer-lines line").CountAsync());
        await page.Keyboard.PressAsync("m");
        await page.WaitForFunctionAsync("!document.querySelector('.viewer-lines line')");
        await LineAsync(page, (20, 100), (80, 100));
        Assert.NotEqual(width, await page.StateAsync<double>("state.window.width"));
    }

    [Fact]
    public async Task Preset_GoesRound_AndADragMakesItOnesOwn()
    {
        var page = await browser.OpenAsync("2d");
        await page.ShowAsync(TestImage.Of(1000, 10, 16, (x, _) => 10 * x));
        await page.FocusAsync(".viewer-stage");
        var names = new List<string?>();
        for (var i = 0; i < 4; i++)
        {
            names.Add(await page.TextContentAsync("[data-action=preset]"));
            await page.Keyboard.PressAsync("w");
            await page.WaitForFunctionAsync("old => document.querySelector('[data-action=preset]').textContent !== old", names[^1]);
        }

        Assert.Equal(["window: film", "window: lungs", "window: bone, heart", "window: all values"], names);
        await page.Keyboard.PressAsync("w");
        await page.WaitForFunctionAsync("document.querySelector('[data-action=preset]').textContent === 'window: lungs'");
        // 1000 columns of equal count: half a percent is column 4 or 5, 65% column 649.
        Assert.Equal(6451, await page.StateAsync<double>("state.window.width"), 11.0);
        await LineAsync(page, (20, 100), (80, 100));
        await page.WaitForFunctionAsync("document.querySelector('[data-action=preset]').textContent === 'window: own'");
    }

    [Fact]
    public async Task Magnifier_EnlargesAtThePointer_AsLongAsTheKeyIsHeld()
    {
        var page = await browser.OpenAsync("2d");
        await page.ShowAsync(TestImage.Of(640, 480, 8, (x, _) => x % 256));
        await page.Mouse.MoveAsync(80, 60);
        var (scale, at) = (await page.StateAsync<double>("view.scale"), await page.StateAsync<int>("read(80, 60).x"));

        await page.Keyboard.DownAsync("z");
        Assert.Equal(3 * scale, await page.StateAsync<double>("view.scale"), 1e-9);
        Assert.InRange(await page.StateAsync<int>("read(80, 60).x"), at - 1, at + 1);
        await page.Keyboard.UpAsync("z");
        Assert.Equal(scale, await page.StateAsync<double>("view.scale"));
        Assert.True(await page.StateAsync<bool>("state.fitted"));
    }

    static async Task LineAsync(IPage page, (int X, int Y) from, (int X, int Y) to)
    {
        await page.Mouse.MoveAsync(from.X, from.Y);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(to.X, to.Y, new() { Steps = 3 });
        await page.Mouse.UpAsync();
    }
}
