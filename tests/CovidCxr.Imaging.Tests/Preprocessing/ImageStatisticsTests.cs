using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Preprocessing;

namespace CovidCxr.Imaging.Tests.Preprocessing;

public class ImageStatisticsTests
{
    [Fact]
    public void Of_AFilm_AreThoseOfTheImageThatANetworkSees()
    {
        var image = PhantomDrawer.Draw(PhantomKind.Clear, seed: 3, 64, bits: 16);
        var unit = Preprocessor.ToUnit(image, PreprocessingPreset.Square(64));
        var mean = unit.Average(v => (double)v);

        var statistics = ImageStatistics.Of(image);

        Assert.Equal(mean, statistics.Mean, 1e-6);
        Assert.Equal(Math.Sqrt(unit.Average(v => (v - mean) * (v - mean))), statistics.Deviation, 1e-6);
        Assert.InRange(statistics.Mean, 0.1, 0.9);
    }

    [Fact]
    public void Of_TwelveBitsInSixteenAndEightBits_AreAlike()
    {
        ushort[] samples = [.. Enumerable.Range(0, 1024).Select(i => (ushort)(i * 37 % 256))];

        var eight = ImageStatistics.Of(new(32, 32, 8, samples));
        var twelve = ImageStatistics.Of(new(32, 32, 16, Array.ConvertAll(samples, s => (ushort)(s * 16))));

        Assert.Equal(eight.Mean, twelve.Mean, 1e-12);
        Assert.Equal(eight.Deviation, twelve.Deviation, 1e-12);
    }

    [Fact]
    public void Of_OneGrey_AreZero() => Assert.Equal(new ImageStatistics(0, 0), ImageStatistics.Of(new GreyImage(2, 2, 8, [9, 9, 9, 9])));
}
