using CovidCxr.Imaging.Lungs;

namespace CovidCxr.Imaging.Tests.Lungs;

public sealed class LungMaskTests
{
    [Fact]
    public void Bounds_TwoPatches_HoldBoth()
    {
        var mask = Mask(10, 10, (1, 2, 2, 3), (6, 3, 3, 4));

        Assert.Equal(new FilmRegion(0.1, 0.2, 0.8, 0.5), mask.Bounds());
        Assert.Equal(0.18, mask.Area, 1e-9);
    }

    [Fact]
    public void Bounds_NoLung_AreNone() => Assert.Null(Mask(10, 10).Bounds());

    [Fact]
    public void Cleaned_SmallerPatches_Go()
    {
        var mask = Mask(20, 20, (1, 2, 5, 8), (12, 2, 5, 8), (1, 15, 2, 3), (19, 19, 1, 1)).Cleaned();

        Assert.Equal(new FilmRegion(0.05, 0.1, 0.8, 0.4), mask.Bounds());
    }

    [Fact]
    public void Cleaned_OneSpeck_IsNoLung() => Assert.Null(Mask(20, 20, (3, 3, 1, 1)).Cleaned().Bounds());

    [Theory]
    [InlineData(0.25, 0.5, 1)]
    [InlineData(0.5, 0.5, 0.5)]
    [InlineData(-3, 0.5, 1)]
    [InlineData(4, 0.5, 0)]
    public void At_BetweenCells_Interpolates(double x, double y, float expected) =>
        Assert.Equal(expected, new LungMask(2, 2, [1, 0, 1, 0]).At(x, y), 1e-6f);

    internal static LungMask Mask(int width, int height, params (int X, int Y, int Width, int Height)[] lungs)
    {
        var shares = new float[width * height];
        foreach (var lung in lungs)
        {
            for (var i = 0; i < lung.Width * lung.Height; i++)
            {
                shares[((lung.Y + (i / lung.Width)) * width) + lung.X + (i % lung.Width)] = 1;
            }
        }

        return new(width, height, shares);
    }
}
