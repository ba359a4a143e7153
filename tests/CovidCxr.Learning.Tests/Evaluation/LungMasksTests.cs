using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Lungs;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Testing;

namespace CovidCxr.Learning.Tests.Evaluation;

public sealed class LungMasksTests : IDisposable
{
    readonly FilmFolder _folder = FilmFolder.WithFilms(patientsPerClass: 5);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Apply_MaskOfAnotherSize_BlackensWhatItCoversAndNothingElse()
    {
        // The left half of a 128 x 128 mask over films that are prepared at 32 x 32.
        _folder.Write("films/lung-masks/p00_0.png", PngEncoder.Encode(FilmFolder.Mask(128, x => x < 64)));
        var data = Runs.Load(_folder);
        var (whole, blacked) = Assert.Single(LungMasks.Apply(data.Samples, _folder.Root, Runs.Preset).Pairs);
        Assert.EndsWith("p00_0.png", blacked.Image.File.Path, StringComparison.Ordinal);
        var (before, after) = (whole.Image.Pixels.ToArray(), blacked.Image.Pixels.ToArray());
        Assert.Contains(before.Where((_, i) => i % 32 < 16), p => p > 0);
        Assert.All(after.Where((_, i) => i % 32 < 16), p => Assert.Equal(0, p));
        Assert.Equal(before.Where((_, i) => i % 32 >= 16), after.Where((_, i) => i % 32 >= 16));
    }

    [Fact]
    public void Apply_DamagedMask_LeavesTheFilmOut()
    {
        _folder.Write("films/lung-masks/p00_0.png", [1, 2, 3]);
        Assert.Empty(LungMasks.Apply(Runs.Load(_folder).Samples, _folder.Root, Runs.Preset).Pairs);
    }

    [Fact]
    public void Apply_WithAFinder_AsksItForFilmsWithoutADrawnMaskAlone()
    {
        _folder.Write("films/lung-masks/p00_0.png", PngEncoder.Encode(FilmFolder.Mask(64, x => x < 32)));
        var data = Runs.Load(_folder);
        var asked = 0;
        LungMask Find(GreyImage film)
        {
            // Of the last one nothing is found.
            var isLung = Interlocked.Increment(ref asked) < data.Samples.Count - 1;
            return new(2, 1, [0, isLung ? 1 : 0]);
        }

        var (pairs, found) = LungMasks.Apply(data.Samples, _folder.Root, Runs.Preset, Find);

        Assert.Equal((data.Samples.Count - 1, data.Samples.Count - 1, data.Samples.Count - 2), (asked, pairs.Count, found));
        Assert.All(pairs, p =>
        {
            var isDrawn = p.Whole.Image.File.Path.EndsWith("p00_0.png", StringComparison.Ordinal);
            // Between the halves the shares pass from one to the other.
            Assert.All(
                p.Blacked.Image.Pixels.ToArray().Where((_, i) => isDrawn ? i % 32 < 14 : i % 32 > 18), v => Assert.Equal(0, v));
        });
    }
}
