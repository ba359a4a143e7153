using Microsoft.Playwright;

namespace CovidCxr.Web.Tests.Features.Clinic.Readings.Viewer;

/// <summary>What the tests do with a harness page.</summary>
static class ViewerPages
{
    public static async Task ShowAsync(this IPage page, TestImage image) =>
        await page.EvaluateAsync(
            "([w, h, bits, s]) => viewer.show({ width: w, height: h, bits, samples: bits > 8 ? Uint16Array.from(s) : Uint8Array.from(s) })",
            new object[] { image.Width, image.Height, image.Bits, image.Samples.Select(s => (int)s).ToArray() });

    public static async Task ShowHeatAsync(this IPage page, int width, int height, float[] values) =>
        await page.EvaluateAsync(
            "([w, h, v]) => viewer.showHeat({ width: w, height: h, values: Float32Array.from(v), label: 'COVID-19' })",
            new object[] { width, height, values.Select(v => (double)v).ToArray() });

    public static async Task WindowAsync(this IPage page, double centre, double width) =>
        await page.EvaluateAsync($"viewer.state.window = {{ centre: {centre}, width: {width} }}");

    /// <summary>Puts the image's top left corner at a device pixel, at a scale in device pixels per sample.</summary>
    public static async Task PlaceAsync(this IPage page, double scale, int cornerX, int cornerY) =>
        await page.EvaluateAsync(
            "([s, x, y]) => { const c = viewer.renderer.canvas; Object.assign(viewer.view, { scale: s, x: (c.width / 2 - x) / s, y: "
                + "(c.height / 2 - y) / s }); viewer.state.fitted = false; }",
            new[] { scale, cornerX, cornerY });

    public static Task<int[]> PixelAsync(this IPage page, int x, int y) => page.EvaluateAsync<int[]>($"pixel({x}, {y})");

    /// <summary>The whole canvas, RGBA.</summary>
    public static async Task<byte[]> CanvasAsync(this IPage page) => Convert.FromBase64String(await page.EvaluateAsync<string>(
        "(() => { const d = pixels().data; let s = ''; for (let i = 0; i < d.length; i += 32768) s += "
            + "String.fromCharCode(...d.subarray(i, i + 32768)); return btoa(s); })()"));

    public static Task<T> StateAsync<T>(this IPage page, string expression) => page.EvaluateAsync<T>($"viewer.{expression}");
}

/// <summary>A small grey image made for a test.</summary>
sealed record TestImage(int Width, int Height, int Bits, ushort[] Samples)
{
    public ushort At(int x, int y) => Samples[Math.Clamp(y, 0, Height - 1) * Width + Math.Clamp(x, 0, Width - 1)];

    public static TestImage Of(int width, int height, int bits, Func<int, int, int> sample) =>
        new(
            width, height, bits,
            [.. from y in Enumerable.Range(0, height) from x in Enumerable.Range(0, width) select (ushort)sample(x, y)]);

    /// <summary>Noise over the whole range, the same for the same seed.</summary>
    public static TestImage Noise(int width, int height, int bits, int seed)
    {
        var random = new Random(seed);
        return Of(width, height, bits, (_, _) => random.Next(1 << bits));
    }
}
