using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Imaging.Text;
using CovidCxr.Testing;
using NetVips;

namespace CovidCxr.Imaging.Tests.Text;

public class BurntTextTests
{
    static readonly ScanDecoder Decoder = new(new ImagingOptions());

    // A drawn chest without the word below it.
    static GreyImage Chest(int seed, int bits)
    {
        var drawn = PhantomDrawer.Draw((PhantomKind)(seed % 3), seed, size: 1024, bits);
        return new(1024, 960, bits, drawn.Samples[..(1024 * 960)]);
    }

    static GreyImage With(GreyImage film, string text, int dot, int left, int top, double brightness)
    {
        var pixels = new byte[3 * film.Width * film.Height];
        DotText.Burn(pixels, film.Width, film.Height, left, top, dot, text, (255, 255, 255));
        return film with
        {
            Samples = [.. film.Samples.Select((s, i) => pixels[3 * i] > 0 ? (ushort)(brightness * film.MaxSample) : s)],
        };
    }

    [Theory]
    [InlineData(8, 1, 1.0)]
    [InlineData(8, 2, 1.0)]
    [InlineData(16, 3, 1.0)]
    [InlineData(16, 6, 1.0)]
    [InlineData(16, 3, 0.0)]
    public void IsLikely_NameInAFilm_IsSeen(int bits, int dot, double brightness)
    {
        for (var seed = 1; seed <= 3; seed++)
        {
            // Black letters are read on something bright.
            var (left, top) = brightness > 0 ? (20, 20) : (300, 500);
            Assert.True(BurntText.IsLikely(With(Chest(seed, bits), "DOE JOHN 1965", dot, left, top, brightness)), $"seed {seed}");
        }
    }

    [Fact]
    public void IsLikely_NameThatRunsUpAFilm_IsSeen()
    {
        var film = With(Chest(1, 16), "DOE JOHN 1965", 3, 20, 20, 1);
        var turned = film with
        {
            Width = film.Height,
            Height = film.Width,
            Samples =
            [
                .. film.Samples.Select(
                    (_, i) => film.Samples[((film.Height - 1 - (i % film.Height)) * film.Width) + (i / film.Height)]),
            ],
        };

        Assert.True(BurntText.IsLikely(turned));
    }

    /// <summary>Twelve bits of film, and a few lost samples far above them.</summary>
    [Fact]
    public void IsLikely_NameInAFilmWithStraySamples_IsSeen()
    {
        var film = With(Chest(1, 16), "DOE JOHN 1965", 3, 20, 20, 1);
        var samples = Array.ConvertAll(film.Samples, s => (ushort)(s / 16));
        for (var i = 0; i < samples.Length; i += 5000)
        {
            samples[i] = ushort.MaxValue;
        }

        Assert.True(BurntText.IsLikely(film with { Samples = samples }));
    }

    [Fact]
    public void IsLikely_SoftShapesAndASharpFrame_AreNoWords()
    {
        // Two dark lungs on bright tissue, within a black collimator, and a marker of one letter.
        var samples = Enumerable.Range(0, 1000 * 1000).Select(i => (X: i % 1000, Y: i / 1000)).Select(p =>
            p.X is < 60 or > 940 || p.Y < 40 ? (ushort)0
            : (ushort)(3000 - (2000 * Lung(p.X - 300, p.Y - 450)) - (2000 * Lung(p.X - 700, p.Y - 450))));
        var film = new GreyImage(1000, 1000, 16, [.. samples]);

        Assert.False(BurntText.IsLikely(film));
        Assert.False(BurntText.IsLikely(With(film, "R", 4, 80, 60, 0.05)));

        static double Lung(double x, double y) => Math.Exp(-((x * x) + (y * y / 4)) / 20_000);
    }

    [Fact]
    public void IsLikely_NameThatAJpegBlurred_IsSeen()
    {
        var film = With(Chest(1, 8), "DOE JOHN 1965", 3, 20, 20, 1);
        using var raw = Image.NewFromMemory(
            Array.ConvertAll(film.Samples, s => (byte)s), film.Width, film.Height, 1, Enums.BandFormat.Uchar);
        var blurred = Assert.IsType<DecodeResult.Decoded>(Decoder.Decode(raw.JpegsaveBuffer(q: 75)));

        Assert.True(BurntText.IsLikely(blurred.Image));
    }

    [Fact]
    public void IsLikely_PhantomsWord_IsSeen() =>
        Assert.True(BurntText.IsLikely(PhantomDrawer.Draw(PhantomKind.Clear, 1, size: 512, bits: 8)));

    [Fact]
    public void IsLikely_OneGreyOrNoise_IsAnswered()
    {
        Assert.False(BurntText.IsLikely(new(100, 100, 8, new ushort[10_000])));
        var bits = new SplitMix64(7);
        var noise = Enumerable.Range(0, 4_000_000).Select(_ => (ushort)(bits.NextDouble() < 0.5 ? 0 : 255));
        BurntText.IsLikely(new(2000, 2000, 8, [.. noise]));
        // Two million dots are too many to tell: then a person looks.
        Assert.True(BurntText.IsLikely(
            new(4000, 2000, 8, [.. Enumerable.Range(0, 8_000_000).Select(i => (ushort)(i % 2 == 0 && i / 4000 % 2 == 0 ? 255 : 0))])));
    }

    /// <summary>How many real films it stops, told for people: many of these were collected from publications.</summary>
    [Fact]
    [Trait("Speed", "Slow")]
    public void IsLikely_RealFilms_StopsSome()
    {
        var root = SharedData.Root("darkcovidnet");
        Assert.SkipUnless(root is not null, "The X-rays are not on this machine.");
        List<string> told = [];
        foreach (var folder in Directory.GetDirectories(Path.Combine(root, "darkcovidnet")).Order(StringComparer.Ordinal))
        {
            var films = Directory.GetFiles(folder).Order(StringComparer.Ordinal).Take(100).ToList();
            var seen = films.FindAll(
                f => Decoder.Decode(File.ReadAllBytes(f)) is DecodeResult.Decoded { Image: var image } && BurntText.IsLikely(image));
            told.Add(
                $"{Path.GetFileName(folder)}: {seen.Count} of {films.Count}: {string.Join(' ', seen.Take(8).Select(Path.GetFileName))}");
            Assert.InRange(seen.Count, 1, films.Count / 2);
        }

        TestContext.Current.SendDiagnosticMessage(string.Join("; ", told));
    }
}
