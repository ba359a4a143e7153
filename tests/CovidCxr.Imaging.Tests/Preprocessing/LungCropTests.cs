using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Lungs;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Imaging.Tests.Lungs;

namespace CovidCxr.Imaging.Tests.Preprocessing;

public sealed class LungCropTests
{
    const int Side = 64;

    static readonly PreprocessingPreset Preset = PreprocessingPreset.Square(Side) with { Lungs = new(Margin: 0, Spread: 4) };

    [Fact]
    public void Prepare_WideFilm_ShowsASquareOfItsPixels()
    {
        var film = Film(400, 200, (x, _) => x);
        var (_, region) = Preprocessor.Prepare(film, Preset, _ => LungMaskTests.Mask(40, 20, (10, 5, 8, 10), (20, 5, 8, 10)));

        Assert.Equal(region.Width * 400, region.Height * 200, 1e-9);
        Assert.Equal(180, region.Width * 400, 1e-9);
        Assert.Equal(0.25, region.Left, 1e-9);
    }

    [Fact]
    public void Prepare_LungsAtTheEdge_MoveTheSquareIntoTheFilm()
    {
        var (_, region) = Preprocessor.Prepare(
            Film(200, 200, (x, _) => x), Preset with { Lungs = new(0.25, 4) }, _ => LungMaskTests.Mask(20, 20, (0, 0, 10, 10)));

        Assert.Equal(new FilmRegion(0, 0, 0.75, 0.75), region);
    }

    [Fact]
    public void Prepare_FilmNarrowerThanTheSquare_RepeatsItsEdge()
    {
        var film = Film(50, 200, (x, _) => x < 25 ? 50 : 200);
        var (unit, region) = Preprocessor.Prepare(film, Preset, _ => LungMaskTests.Mask(5, 20, (0, 0, 5, 20)));

        Assert.True(region is { Left: < 0, Width: > 1 });
        Assert.Equal(unit[0], unit[(Side / 2) - (Side / 8)], 1e-5f);
        Assert.NotEqual(unit[0], unit[Side - 1]);
    }

    [Fact]
    public void Prepare_GreyValuesOfTheLungs_FillTheMiddle()
    {
        // The lungs vary by 10 about 100; what is around them is far brighter, and does not count.
        var film = Film(128, 128, (x, y) => x is >= 16 and < 112 && y is >= 16 and < 112 ? 90 + (20 * ((x / 8) % 2)) : 250);
        var (unit, _) = Preprocessor.Prepare(
            film, Preset with { Lungs = new(0.5, 4) }, _ => LungMaskTests.Mask(128, 128, (32, 32, 64, 64)));
        float[] inside = [.. Enumerable.Range(0, unit.Length).Where(i => i / Side is > 20 and < 44 && i % Side is > 20 and < 44)
            .Select(i => unit[i])];

        Assert.Equal(0.5, inside.Average(), 0.05);
        Assert.Equal(0.25, inside.Min(), 0.08);
        Assert.Equal(0.75, inside.Max(), 0.08);
        Assert.Equal(1, unit[0]);
    }

    [Fact]
    public void Prepare_NoLungs_ShowsTheWholeFilmUnstretched()
    {
        var (unit, region) = Preprocessor.Prepare(Film(100, 50, (x, _) => x), Preset, _ => LungMaskTests.Mask(10, 10));

        Assert.Equal(new FilmRegion(0, -0.5, 1, 2), region);
        Assert.All(unit, v => Assert.InRange(v, 0f, 1f));
    }

    [Fact]
    public void Prepare_FlatFilm_IsFinite()
    {
        var (unit, _) = Preprocessor.Prepare(Film(64, 64, (_, _) => 7), Preset, _ => LungMaskTests.Mask(8, 8, (1, 1, 6, 6)));

        Assert.All(unit, v => Assert.Equal(0.5f, v, 1f / 255));
    }

    [Fact]
    public void Prepare_NothingFindsLungs_IsRefused() =>
        Assert.Throws<ArgumentNullException>(() => Preprocessor.Prepare(Film(64, 64, (_, _) => 7), Preset, null));

    [Fact]
    public void Follow_Region_IsTheMaskOfWhatIsShown()
    {
        var mask = LungMaskTests.Mask(4, 4, (2, 0, 2, 4));

        Assert.All(Preprocessor.Follow(mask, new(0.5, 0, 0.5, 1), 8, 8), s => Assert.InRange(s, 0.5f, 1f));
        Assert.Equal(0.5, Preprocessor.Follow(mask, FilmRegion.Whole, 8, 8).Average(), 0.02);
    }

    [Theory]
    [InlineData(-0.1, 5)]
    [InlineData(1.1, 5)]
    [InlineData(0.1, 0)]
    [InlineData(0.1, double.NaN)]
    public void Validate_CropOutOfRange_IsRefused(double margin, double spread) =>
        Assert.Throws<ArgumentException>(() => (Preset with { Lungs = new(margin, spread) }).Validate());

    static GreyImage Film(int width, int height, Func<int, int, int> grey) =>
        new(width, height, 8, [.. Enumerable.Range(0, width * height).Select(i => (ushort)(grey(i % width, i / width) % 256))]);
}
