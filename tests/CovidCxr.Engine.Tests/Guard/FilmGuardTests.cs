using CovidCxr.Engine.Guard;
using CovidCxr.Engine.Lungs;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Testing;

namespace CovidCxr.Engine.Tests.Guard;

public sealed class FilmGuardTests
{
    [Fact]
    public void Look_MarkedPhantom_MayShowWhatTheProgramDoes() =>
        Assert.False(FilmGuard.Default.Look(PhantomDrawer.Draw(PhantomKind.Clear, 1, 512, 8)).Verdict.Withholds);

    [Fact]
    public void Look_PhantomWithoutItsMark_IsNoChest()
    {
        var phantom = PhantomDrawer.Draw(PhantomKind.Clear, 1, 512, 8);
        Array.Clear(phantom.Samples, 512 * 480, 512 * 32);

        Assert.True(FilmGuard.Default.Look(phantom).Verdict.Withholds);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public void Look_PicturesOfNothing_AreWithheld()
    {
        var verdicts = Enumerable.Range(0, 60).Select(seed => FilmGuard.Default.Look(
            BadFilms.Nothing(PhantomDrawer.Draw(PhantomKind.Clear, seed, 256, 8), seed + 5000)).Verdict)
            .Where(v => v.Distance > 0).ToList();

        Assert.True(
            verdicts.Count(v => v.Withholds) >= verdicts.Count - 1, $"{verdicts.Count(v => !v.Withholds)} of {verdicts.Count} pass");
        Assert.All(verdicts.Where(v => v.Withholds), v => Assert.NotNull(v.Reason));
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public void Look_RealFilms_PassUprightAndAreWithheldSpoilt()
    {
        var root = SharedData.Root("darkcovidnet");
        Assert.SkipWhen(root is null, "The folder of real X-rays is not on this machine.");
        var decoder = new ScanDecoder(new ImagingOptions { MinSidePixels = 32 });
        var films = Directory.EnumerateFiles(Path.Combine(root, "darkcovidnet", "No_findings")).Order(StringComparer.Ordinal).Take(60)
            .Select(f => ((DecodeResult.Decoded)decoder.Decode(File.ReadAllBytes(f))).Image).ToList();

        Assert.True(films.Count(f => FilmGuard.Default.Look(f).Verdict.Withholds) <= 1);
        foreach (var kind in new[] { FilmKind.TurnedSideways, FilmKind.UpsideDown, FilmKind.Inverted, FilmKind.CutOff })
        {
            var caught = films.Select((f, i) => FilmGuard.Default.Look(BadFilms.Spoil(f, kind, i + 900)).Verdict)
                .Count(v => v.Withholds);
            Assert.True(caught >= 54, $"{kind}: {caught} of 60");
        }
    }

    [Fact]
    public void Create_OtherWeights_IsRefused() =>
        Assert.Throws<ModelFileException>(() => new FilmGuard(new Dictionary<string, StoredTensor>(), LungFinder.Default));
}
