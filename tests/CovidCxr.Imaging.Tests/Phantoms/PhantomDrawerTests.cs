using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Imaging.Tests.Inputs;

namespace CovidCxr.Imaging.Tests.Phantoms;

public class PhantomDrawerTests
{
    [Theory]
    [InlineData(64, 8)]
    [InlineData(200, 16)]
    public void Draw_SizeAndBits_AreKept(int size, int bits)
    {
        var film = PhantomDrawer.Draw(PhantomKind.Clear, 1, size, bits);

        Assert.Equal((size, size, bits), (film.Width, film.Height, film.BitsStored));
        Expect.WellFormed(film);
    }

    [Fact]
    public void Draw_SameSeed_IsTheSameFilmAndAnotherSeedOrKindIsNot()
    {
        string Hash(PhantomKind kind, int seed) => PhantomDrawer.Draw(kind, seed, 96, 8).PixelHash();

        Assert.Equal(Hash(PhantomKind.LobarOpacity, 4), Hash(PhantomKind.LobarOpacity, 4));
        var hashes = from kind in Enum.GetValues<PhantomKind>() from seed in Enumerable.Range(0, 5) select Hash(kind, seed);
        Assert.Equal(15, hashes.Distinct().Count());
    }

    [Theory]
    [InlineData(64, 8)]
    [InlineData(256, 16)]
    [InlineData(512, 8)]
    public void Draw_AnyKind_IsMarkedInItsPixels(int size, int bits)
    {
        foreach (var kind in Enum.GetValues<PhantomKind>())
        {
            var film = PhantomDrawer.Draw(kind, 3, size, bits);

            // The seven rows of the word's first letter, P, as it stands in the lower left corner.
            string[] letter = ["####.", "#...#", "#...#", "####.", "#....", "#....", "#...."];
            var dot = Math.Max(1, size / 256);
            var seen = Enumerable.Range(0, 7).Select(row => string.Concat(Enumerable.Range(0, 5).Select(column =>
                film.Samples[((size - (11 * dot) + (row * dot)) * size) + ((4 + column) * dot)] == film.MaxSample ? '#' : '.')));
            Assert.Equal(letter, seen);
        }
    }

    [Fact]
    public void Draw_WithOpacities_HasDenserLungs()
    {
        double LungDensity(PhantomKind kind) => Enumerable.Range(0, 12).Average(seed =>
        {
            var film = PhantomDrawer.Draw(kind, seed, 64, 8);
            // Both lower lung fields.
            return Enumerable.Range(0, 64 * 64).Where(i => i / 64 is > 32 and < 44 && i % 64 is (> 12 and < 22) or (> 42 and < 52))
                .Average(i => film.Samples[i]);
        });

        var clear = LungDensity(PhantomKind.Clear);
        Assert.True(LungDensity(PhantomKind.BilateralOpacities) > clear + 10);
        Assert.True(LungDensity(PhantomKind.LobarOpacity) > clear + 10);
    }

    [Fact]
    public void Draw_Film_IsAcceptedAsAnUpload()
    {
        var film = PhantomDrawer.Draw(PhantomKind.Clear, 2, 128, 16);

        Assert.Equal(film.PixelHash(), Expect.Image(new ScanDecoder(new ImagingOptions()).Decode(PngEncoder.Encode(film))).PixelHash());
    }

    [Theory]
    [InlineData(63, 8)]
    [InlineData(4097, 8)]
    [InlineData(64, 12)]
    public void Draw_SizeOrBitsOutOfRange_IsRefused(int size, int bits) =>
        Assert.ThrowsAny<ArgumentException>(() => PhantomDrawer.Draw(PhantomKind.Clear, 1, size, bits));
}
