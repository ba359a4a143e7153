using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Rendering;
using NetVips;

namespace CovidCxr.Imaging.Tests.Rendering;

public class OverlayRendererTests
{
    // 0, 85, 170 and 255 in stripes: the window of 0.5 to 99.5 per cent is 0..255.
    static readonly GreyImage Stripes = new(64, 32, 8, [.. Enumerable.Range(0, 64 * 32).Select(i => (ushort)(i % 64 / 16 * 85))]);

    [Fact]
    public void RenderPng_ColdMap_IsThePlainFilm() =>
        Assert.All(Render([0], 1, 1, 1), pixel => Assert.Equal(Grey(pixel.X), pixel.Colour));

    [Fact]
    public void RenderPng_WithoutOpacity_IsThePlainFilm() =>
        Assert.All(Render([1], 1, 1, 0), pixel => Assert.Equal(Grey(pixel.X), pixel.Colour));

    [Fact]
    public void RenderPng_HotMapAtFullOpacity_IsTheLastColour() =>
        Assert.All(Render([1], 1, 1, 1), pixel => Assert.Equal(Inferno.At(1), pixel.Colour));

    [Fact]
    public void RenderPng_HalfMapAtHalfOpacity_MixesAQuarterOfTheColour()
    {
        // Weight 0.5 x 0.5 over grey 85 and inferno's colour 128, (188, 55, 84).
        Assert.Equal((188, 55, 84), Inferno.At(0.5f));
        var pixel = Render([0.5f], 1, 1, 0.5f).Single(p => (p.X, p.Y) == (20, 5));

        Assert.Equal(((byte)111, (byte)78, (byte)85), pixel.Colour);
    }

    [Fact]
    public void RenderPng_OneHotCell_GlowsThereAndFadesBilinearly()
    {
        // 2 x 1 cells over 64 columns: 1 up to the centre of the first cell at column 16, 0 from column 48.
        var pixels = Render([1, 0], 2, 1, 1);

        Assert.All(pixels.Where(p => p.X < 16), p => Assert.Equal(Inferno.At(1), p.Colour));
        Assert.All(pixels.Where(p => p.X >= 48), p => Assert.Equal(Grey(p.X), p.Colour));
        // Column 31 has its centre at 31.5, that is 0.484375 cells past the first centre.
        const double heat = 1 - 0.484375;
        var (red, green, blue) = Inferno.At((float)heat);
        Assert.Equal(
            (Mix(85, red, heat), Mix(85, green, heat), Mix(85, blue, heat)),
            pixels.Single(p => (p.X, p.Y) == (31, 9)).Colour);
    }

    [Fact]
    public void RenderPng_RowsOfTheMap_AreRowsOfThePicture()
    {
        var pixels = Render([0, 1], 1, 2, 1);

        Assert.All(pixels.Where(p => p.Y < 8), p => Assert.Equal(Grey(p.X), p.Colour));
        Assert.All(pixels.Where(p => p.Y >= 24), p => Assert.Equal(Inferno.At(1), p.Colour));
    }

    static byte Mix(double grey, byte colour, double weight) => (byte)Math.Round((grey * (1 - weight)) + (colour * weight));

    static (byte, byte, byte) Grey(int x) => ((byte)(x / 16 * 85), (byte)(x / 16 * 85), (byte)(x / 16 * 85));

    static (int X, int Y, (byte Red, byte Green, byte Blue) Colour)[] Render(float[] map, int mapWidth, int mapHeight, float opacity)
    {
        using var picture = Image.NewFromBuffer(OverlayRenderer.RenderPng(Stripes, map, mapWidth, mapHeight, opacity));
        Assert.Equal((64, 32, 3), (picture.Width, picture.Height, picture.Bands));
        var bytes = picture.WriteToMemory<byte>();
        return [.. Enumerable.Range(0, 64 * 32).Select(i => (i % 64, i / 64, (bytes[3 * i], bytes[(3 * i) + 1], bytes[(3 * i) + 2])))];
    }
}
