using CovidCxr.Engine.Checkpoints;
using CovidCxr.Engine.Lungs;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Lungs;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Networks;
using CovidCxr.Testing;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Tests.Lungs;

public sealed class LungFinderTests
{
    [Fact]
    public void Find_AnyWeights_GivesWhatTorchSharpGives()
    {
        using var network = new LungNetwork(seed: 5);
        network.eval();
        using var finder = new LungFinder(StateDict.Save(network));
        var film = PhantomDrawer.Draw(PhantomKind.Clear, 3, 256, 8);
        var unit = Preprocessor.ToUnit(film, PreprocessingPreset.Square(LungFamily.Side));
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        var expected = network.forward(tensor(Array.ConvertAll(unit, LungFamily.ToInput), [1, 1, LungFamily.Side, LungFamily.Side]))
            .sigmoid().data<float>().ToArray();

        var (mask, means) = finder.Look(film);

        var cleaned = new LungMask(LungFamily.Cells, LungFamily.Cells, expected).Cleaned();
        Assert.All(cleaned.Shares.Zip(mask.Shares), p => Assert.Equal(p.First, p.Second, 1e-4f));
        Assert.Equal(LungFamily.Channels[^1], means.Length);
    }

    [Fact]
    public void Create_OtherWeights_IsRefused() =>
        Assert.Throws<ModelFileException>(() => new LungFinder(new Dictionary<string, StoredTensor>()));

    [Fact]
    public void Find_RealFilms_FindsTheLungsThatPeopleDrew()
    {
        var root = SharedData.Root("covid-chestxray");
        Assert.SkipWhen(root is null, "The folder of real X-rays is not on this machine.");
        var folder = Path.Combine(root, "covid-chestxray");
        var decoder = new ScanDecoder(new ImagingOptions { MinSidePixels = 1 }, takesBlank: true);
        GreyImage Read(string path) => Assert.IsType<DecodeResult.Decoded>(decoder.Decode(File.ReadAllBytes(path))).Image;

        // The network has seen these films: this says that it is the trained one and is applied as it was trained.
        var found = Directory.EnumerateFiles(Path.Combine(folder, "lung-masks")).Order(StringComparer.Ordinal).Take(20).Select(path =>
        {
            var drawn = Read(path);
            var film = Read(Directory.EnumerateFiles(
                Path.Combine(folder, "images"), Path.GetFileNameWithoutExtension(path) + ".*").Single());
            var mask = LungFinder.Default.Find(film);
            int both = 0, sum = 0;
            for (var i = 0; i < drawn.Samples.Length; i++)
            {
                var (row, column) = Math.DivRem(i, drawn.Width);
                var here = mask.At((column + 0.5) / drawn.Width, (row + 0.5) / drawn.Height) >= LungMask.Lung;
                both += here && drawn.Samples[i] > 0 ? 1 : 0;
                sum += (here ? 1 : 0) + (drawn.Samples[i] > 0 ? 1 : 0);
            }

            return 2.0 * both / sum;
        }).ToList();

        Assert.True(found.Average() > 0.94, $"mean Dice {found.Average():F3}");
    }
}
