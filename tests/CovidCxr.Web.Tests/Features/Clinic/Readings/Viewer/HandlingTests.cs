using Microsoft.Playwright;

namespace CovidCxr.Web.Tests.Features.Clinic.Readings.Viewer;

/// <summary>Mouse, touch and keys.</summary>
[Collection("Viewer")]
[Trait("Speed", "Slow")]
public class HandlingTests(ViewerBrowser browser)
{
    async Task<IPage> OpenAsync(bool heat = false)
    {
        var page = await browser.OpenAsync("2d");
        await page.ShowAsync(TestImage.Of(640, 480, 16, (x, _) => 100 * x));
        if (heat)
        {
            await page.ShowHeatAsync(2, 1, [0, 1]);
        }

        await page.FocusAsync(".viewer-stage");
        return page;
    }

    [Fact]
    public async Task Show_AnImage_WindowsItsFirstToNinetyNinthPercentile()
    {
        var page = await OpenAsync();

        // 640 columns of equal count, 0 to 63900: the first percent ends in column 6, the last begins in column 633.
        Assert.Equal(63300 - 600 + 1, await page.StateAsync<double>("state.window.width"));
        Assert.Equal((63300 + 600) / 2.0 + 0.5, await page.StateAsync<double>("state.window.centre"));
        Assert.Equal("62701", await page.TextContentAsync("[data-value=W]"));
        Assert.Equal("31951", await page.TextContentAsync("[data-value=L]"));
        Assert.Equal("50%", await page.TextContentAsync("[data-value=zoom]"));
    }

    [Fact]
    public async Task LeftDrag_RightAndDown_WidensAndDarkens()
    {
        var page = await OpenAsync();
        var (width, centre) = (await page.StateAsync<double>("state.window.width"), await page.StateAsync<double>("state.window.centre"));

        await DragAsync(page, MouseButton.Left, 60, 30);

        Assert.Equal(width * 1.1, await page.StateAsync<double>("state.window.width"), 1.0);
        Assert.Equal(centre + width * 0.05, await page.StateAsync<double>("state.window.centre"), 1.0);
    }

    [Theory]
    [InlineData(MouseButton.Right, false)]
    [InlineData(MouseButton.Middle, false)]
    [InlineData(MouseButton.Left, true)]
    public async Task PanDrag_MovesTheImageWithThePointer(MouseButton button, bool space)
    {
        var page = await OpenAsync();
        await page.Keyboard.PressAsync("o");
        var (x, y) = (await page.StateAsync<double>("view.x"), await page.StateAsync<double>("view.y"));
        var width = await page.StateAsync<double>("state.window.width");
        if (space)
        {
            await page.Keyboard.DownAsync(" ");
        }

        await DragAsync(page, button, 40, -25);

        Assert.Equal(x - 40, await page.StateAsync<double>("view.x"), 0.01);
        Assert.Equal(y + 25, await page.StateAsync<double>("view.y"), 0.01);
        Assert.Equal(width, await page.StateAsync<double>("state.window.width"));
    }

    [Fact]
    public async Task Wheel_OverAPoint_KeepsThatPointUnderThePointer()
    {
        var page = await OpenAsync();
        await page.Mouse.MoveAsync(80, 60);
        var before = await page.StateAsync<int>("read(80, 60).x");

        await page.Mouse.WheelAsync(0, -300);
        await page.WaitForFunctionAsync("viewer.view.scale > 0.6");

        Assert.InRange(await page.StateAsync<int>("read(80, 60).x"), before - 1, before + 1);
        Assert.Equal("x 160  y 120  value 16000", (await page.TextContentAsync(".viewer-cursor"))!.Trim());
    }

    [Fact]
    public async Task Keys_OfTheView_DoWhatTheListSays()
    {
        var page = await OpenAsync();

        await page.Keyboard.PressAsync("i");
        Assert.True(await page.StateAsync<bool>("state.invert"));
        await page.Keyboard.PressAsync("o");
        Assert.Equal(1, await page.StateAsync<double>("view.scale"));
        await page.Keyboard.PressAsync("+");
        Assert.Equal(1.25, await page.StateAsync<double>("view.scale"));
        await page.Keyboard.PressAsync("-");
        Assert.Equal(1, await page.StateAsync<double>("view.scale"), 1e-9);
        await page.Keyboard.PressAsync("ArrowRight");
        Assert.Equal(380, await page.StateAsync<double>("view.x"));
        await page.Keyboard.PressAsync("f");
        Assert.Equal(0.5, await page.StateAsync<double>("view.scale"));
        Assert.True(await page.StateAsync<bool>("state.invert"));
        await page.Keyboard.PressAsync("r");
        Assert.False(await page.StateAsync<bool>("state.invert"));
        await page.Keyboard.PressAsync("?");
        Assert.True(await page.EvaluateAsync<bool>("document.querySelector('dialog').open"));
        await page.Keyboard.PressAsync("Escape");
        Assert.False(await page.EvaluateAsync<bool>("document.querySelector('dialog').open"));
    }

    [Fact]
    public async Task Keys_OfTheHeatMap_SwitchDimAndOutline()
    {
        var page = await OpenAsync(heat: true);

        await page.Keyboard.PressAsync("]");
        Assert.Equal(0.6, await page.StateAsync<double>("state.opacity"), 1e-9);
        await page.Keyboard.PressAsync("[");
        await page.Keyboard.PressAsync("[");
        Assert.Equal(0.4, await page.StateAsync<double>("state.opacity"), 1e-9);
        await page.Keyboard.PressAsync("c");
        Assert.Equal("contour", await page.StateAsync<string>("state.overlay"));
        await page.Keyboard.PressAsync("h");
        Assert.False(await page.StateAsync<bool>("state.visible"));
        await page.WaitForSelectorAsync(".viewer-legend", new() { State = WaitForSelectorState.Hidden });
    }

    [Theory]
    [InlineData(0, "Strongest: patient’s right, upper third of the film.")]
    [InlineData(12, "Strongest: in the midline, middle third of the film.")]
    [InlineData(13, "Strongest: patient’s left, middle third of the film.")]
    [InlineData(20, "Strongest: patient’s right, lower third of the film.")]
    [InlineData(-1, "Nothing stands out.")]
    public async Task Legend_OfAHeatMap_SaysInWordsWhatItIsAndWhereItIsStrongest(int cell, string words)
    {
        var page = await OpenAsync();
        var values = new float[25];
        if (cell >= 0)
        {
            values[cell] = 1;
        }

        await page.ShowHeatAsync(5, 5, values);

        Assert.Equal(
            "COVID-19Relative, within this film, and coarse: no outline of a finding. " + words,
            await page.Locator(".viewer-legend figcaption").TextContentAsync());
    }

    [Fact]
    public async Task Keys_OfTheHeatMap_WithoutOne_DoNothing()
    {
        var page = await OpenAsync();

        await page.Keyboard.PressAsync("h");
        await page.Keyboard.PressAsync("]");

        Assert.True(await page.StateAsync<bool>("state.visible"));
        Assert.Equal(0.5, await page.StateAsync<double>("state.opacity"));
        Assert.True(await page.EvaluateAsync<bool>("document.querySelector('.viewer-overlay').inert"));
    }

    [Fact]
    public async Task Pinch_TwoFingersApart_ZoomsAroundTheirMiddle()
    {
        var page = await OpenAsync();

        await page.EvaluateAsync("""
            () => {
              const stage = document.querySelector('.viewer-stage');
              stage.setPointerCapture = () => {};
              const send = (type, id, x) => stage.dispatchEvent(new PointerEvent(type,
                { pointerId: id, pointerType: 'touch', clientX: x, clientY: 120, bubbles: true }));
              send('pointerdown', 1, 140); send('pointerdown', 2, 180);
              send('pointermove', 1, 120); send('pointermove', 2, 200);
              send('pointerup', 1, 120); send('pointerup', 2, 200);
            }
            """);

        Assert.Equal(1.0, await page.StateAsync<double>("view.scale"), 1e-6);
        Assert.Equal(320, await page.StateAsync<double>("view.x"), 1.0);
    }

    [Fact]
    public async Task Taps_TwoAtOnePlace_GoToSinglePixelsAndBack()
    {
        var page = await OpenAsync();
        var fitted = await page.StateAsync<double>("view.scale");
        Assert.True(await page.StateAsync<bool>("state.fitted"));

        await page.Touchscreen.TapAsync(100, 100);
        Assert.Equal(fitted, await page.StateAsync<double>("view.scale"));
        await page.Touchscreen.TapAsync(102, 101);
        Assert.Equal(1.0, await page.StateAsync<double>("view.scale"), 1e-6);

        await page.Touchscreen.TapAsync(100, 100);
        await page.Touchscreen.TapAsync(100, 100);
        Assert.Equal(fitted, await page.StateAsync<double>("view.scale"));
        Assert.True(await page.StateAsync<bool>("state.fitted"));
    }

    [Fact]
    public async Task Finger_ThatRests_IsAMagnifierUntilItLifts_AndOneThatMovesIsNone()
    {
        var page = await OpenAsync();
        var fitted = await page.StateAsync<double>("view.scale");
        var width = await page.StateAsync<double>("state.window.width");
        Task FingerAsync(string type, int x) => page.EvaluateAsync(
            """
            ([type, x]) => {
              const stage = document.querySelector('.viewer-stage');
              stage.setPointerCapture = () => {};
              stage.dispatchEvent(new PointerEvent(type,
                { pointerId: 5, pointerType: 'touch', clientX: x, clientY: 120, bubbles: true }));
            }
            """,
            new object[] { type, x });

        await FingerAsync("pointerdown", 140);
        await page.WaitForFunctionAsync("viewer.state.before");
        Assert.Equal(3 * fitted, await page.StateAsync<double>("view.scale"), 1e-6);
        await FingerAsync("pointermove", 180);
        Assert.Equal(width, await page.StateAsync<double>("state.window.width"));
        await FingerAsync("pointerup", 180);
        Assert.Equal(fitted, await page.StateAsync<double>("view.scale"), 1e-6);

        await FingerAsync("pointerdown", 140);
        await FingerAsync("pointermove", 200);
        await page.WaitForTimeoutAsync(600);
        Assert.Equal(fitted, await page.StateAsync<double>("view.scale"), 1e-6);
        Assert.NotEqual(width, await page.StateAsync<double>("state.window.width"));
        await FingerAsync("pointerup", 200);
    }

    static async Task DragAsync(IPage page, MouseButton button, int dx, int dy)
    {
        await page.Mouse.MoveAsync(100, 100);
        await page.Mouse.DownAsync(new() { Button = button });
        await page.Mouse.MoveAsync(100 + dx, 100 + dy, new() { Steps = 5 });
        await page.Mouse.UpAsync(new() { Button = button });
    }
}
