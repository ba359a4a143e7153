using Deque.AxeCore.Playwright;

namespace CovidCxr.Web.Tests.Features.Clinic.Readings.Viewer;

/// <summary>Loading, failing, losing the GPU, and going away.</summary>
[Collection("Viewer")]
[Trait("Speed", "Slow")]
public class LifetimeTests(ViewerBrowser browser)
{
    [Theory]
    [InlineData("webgl", "WebGL2")]
    [InlineData("2d", "Canvas2D")]
    public async Task Load_OfA2048SquareOf16Bits_IsShown(string renderer, string name)
    {
        var image = TestImage.Of(2048, 2048, 16, (x, y) => (x * 31 + y * 17) & 0xffff);
        var page = await browser.OpenAsync(
            renderer, 900, 700, answers: new() { ["/pixels"] = Answer.Pixels(2048, 2048, 16, image.Samples) },
            options: "{ pixels: '/pixels' }");

        await page.WaitForSelectorAsync("#host[data-state=ready]");

        Assert.Equal(name, await page.GetAttributeAsync("#host", "data-renderer"));
        // A figure to look at, not a bound: how busy the machine is decides it too.
        TestContext.Current.TestOutputHelper!.WriteLine($"{name}: ready after {await page.GetAttributeAsync("#host", "data-ready-ms")} ms");
        Assert.Equal(image.At(1000, 900), await page.StateAsync<int>("image.samples[900 * 2048 + 1000]"));
    }

    [Fact]
    public async Task Load_OfAnImageLargerThanATexture_FallsBackToCanvas()
    {
        var page = await browser.OpenAsync("webgl");
        var most = await page.StateAsync<int>("renderer.maxSize");

        await page.EvaluateAsync(
            $"viewer.show({{ width: {most + 1}, height: 2, bits: 8, samples: new Uint8Array(2 * {most + 1}).fill(9) }})");

        Assert.Equal("Canvas2D", await page.GetAttributeAsync("#host", "data-renderer"));
        Assert.Equal("Canvas2D", await page.StateAsync<string>("renderer.name"));
    }

    [Theory]
    [InlineData(401, "You have been signed out. Sign in again to see the image.")]
    [InlineData(403, "You may not see this image.")]
    [InlineData(404, "The image is not there.")]
    [InlineData(500, "The server answered 500.")]
    [InlineData(200, "The image arrived incomplete.")]
    public async Task Load_Refused_SaysWhyAndOffersAnotherTry(int status, string words)
    {
        var page = await browser.OpenAsync(
            "2d",
            answers: new()
            {
                ["/pixels"] = new(status, new() { ["X-Image-Width"] = "4", ["X-Image-Height"] = "4", ["X-Image-Bits"] = "8" }, new byte[3])
            },
            options: "{ pixels: '/pixels' }");

        await page.WaitForSelectorAsync("#host[data-state=failed]");

        Assert.StartsWith(words, await page.TextContentAsync(".viewer-message"), StringComparison.Ordinal);
        Assert.True(await page.IsVisibleAsync(".viewer-message >> text=Try again"));
    }

    [Fact]
    public async Task HeatMap_Refused_LeavesTheImageAndSaysSo()
    {
        var page = await browser.OpenAsync("2d", answers: new() { ["/heat"] = new(403, [], []) });
        await page.ShowAsync(TestImage.Noise(20, 20, 8, seed: 1));

        Assert.False(await page.EvaluateAsync<bool>("viewer.loadHeat('/heat', 'COVID-19')"));

        Assert.Equal("The heat map is not open to you yet.", await page.TextContentAsync(".viewer-notice"));
        Assert.Equal("ready", await page.GetAttributeAsync("#host", "data-state"));
    }

    [Fact]
    public async Task ContextLost_AndRestored_ShowsTheSamePicture()
    {
        var page = await browser.OpenAsync("webgl");
        await page.ShowAsync(TestImage.Noise(200, 150, 16, seed: 2));
        await page.ShowHeatAsync(2, 2, [0, 0.2f, 0.6f, 1]);
        var before = await page.CanvasAsync();

        await page.EvaluateAsync("""
            async () => {
              const canvas = viewer.renderer.canvas, extension = canvas.getContext('webgl2').getExtension('WEBGL_lose_context');
              const heard = type => new Promise(done => canvas.addEventListener(type, () => setTimeout(done), { once: true }));
              const lost = heard('webglcontextlost');
              extension.loseContext();
              await lost;
              const restored = heard('webglcontextrestored');
              extension.restoreContext();
              await restored;
            }
            """);

        Assert.Equal(before, await page.CanvasAsync());
        Assert.Equal("WebGL2", await page.GetAttributeAsync("#host", "data-renderer"));
    }

    [Fact]
    public async Task ContextLost_AndNotRestored_GoesOnWithoutTheGpu()
    {
        var page = await browser.OpenAsync("webgl", options: "{ restoreWithin: 50 }");
        await page.ShowAsync(TestImage.Noise(200, 150, 16, seed: 2));
        var before = await page.CanvasAsync();

        await page.EvaluateAsync("viewer.renderer.canvas.getContext('webgl2').getExtension('WEBGL_lose_context').loseContext()");
        await page.WaitForSelectorAsync("#host[data-renderer=Canvas2D]");

        Assert.Equal(0, (await page.CanvasAsync()).Zip(before, (a, b) => Math.Abs(a - b)).Count(d => d > 1));
    }

    [Fact]
    public async Task Dispose_WhileLoading_LeavesNothingBehind()
    {
        var page = await browser.OpenAsync("webgl");
        var errors = new List<string>();
        page.PageError += (_, e) => errors.Add(e);

        var shown = await page.EvaluateAsync<bool>("""
            async () => {
              const loading = viewer.load('/pixels');
              viewer.dispose();
              viewer.dispose();
              return await loading;
            }
            """);

        Assert.False(shown);
        Assert.Equal("", await page.InnerHTMLAsync("#host"));
        Assert.Equal(0, await page.EvaluateAsync<int>("import('/viewer/viewer.js').then(m => m.active() ? 1 : 0)"));
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Linked_TwoViewersOfDifferentScans_MoveAlike()
    {
        var page = await browser.OpenAsync("2d");
        await page.ShowAsync(TestImage.Of(640, 480, 16, (x, _) => 100 * x));
        await page.EvaluateAsync("""
            async () => {
              const { mount } = await import('/viewer/viewer.js'), beside = document.body.appendChild(document.createElement('div'));
              window.other = mount(beside, { label: 'Earlier' });
              other.show({ width: 320, height: 240, bits: 8, samples: Uint8Array.from({ length: 320 * 240 }, (_, i) => i % 320 / 2) });
              viewer.link(true);
              viewer.act('zoom', 2, 0, 0);
              viewer.act('invert');
              viewer.act('window', 300, 0);
            }
            """);

        Assert.Equal(1, await page.StateAsync<double>("view.scale"));
        Assert.Equal(2, await page.EvaluateAsync<double>("other.view.scale"));
        Assert.Equal(await page.StateAsync<double>("view.x") / 640, await page.EvaluateAsync<double>("other.view.x / 320"), 1e-6);
        Assert.True(await page.EvaluateAsync<bool>("other.state.invert"));
        Assert.Equal(1.5, await page.EvaluateAsync<double>("other.state.window.width / 157"), 0.02);
    }

    [Fact]
    public async Task Page_OfAViewerWithHeatMap_HasNoAxeViolation()
    {
        var page = await browser.OpenAsync("2d", 900, 600);
        await page.ShowAsync(TestImage.Noise(200, 150, 8, seed: 2));
        await page.ShowHeatAsync(2, 2, [0, 0.2f, 0.6f, 1]);

        var closed = await page.RunAxe();
        await page.Keyboard.PressAsync("Tab");
        await page.ClickAsync("[data-action=help]");
        var open = await page.RunAxe();

        Assert.Empty(closed.Violations.Concat(open.Violations).Where(v => v.Id is not ("page-has-heading-one" or "region")).Select(
            v => $"{v.Id}: {v.Help}: {v.Nodes[0].Html}"));
    }
}
