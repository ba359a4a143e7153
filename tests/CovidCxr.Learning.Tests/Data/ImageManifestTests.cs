using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Duplicates;
using CovidCxr.Testing;

namespace CovidCxr.Learning.Tests.Data;

public sealed class ImageManifestTests : IDisposable
{
    readonly FilmFolder _films = new();

    public void Dispose() => _films.Dispose();

    [Fact]
    public void Load_OfADividedManifest_KeepsItsParts()
    {
        var manifest = Manifest(8).Divided(new(0.5, 0.5), seed: 3, GroupBy.Patient);

        var data = Load(manifest);

        Assert.Equal(manifest.Images.Select(i => (i.Path, i.Part!.Value)), data.Samples.Select(s => (s.Image.File.Path, s.Part)));
        Assert.Equal(4, data.Of(DataPart.Train).Count);
    }

    [Fact]
    public void Load_OfAManifestWithSexAndAge_KeepsThem_AndOneOfBeforeOpens()
    {
        var old = Manifest(8).Divided(new(0.5, 0.5), seed: 3, GroupBy.Patient);
        var path = Path.Combine(_films.Root, "old.json");
        old.Write(path);

        Assert.DoesNotContain("\"sex\"", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.All(ImageManifest.Read(path, null).Images, i => Assert.Equal((null, null), (i.Sex, i.Age)));
        Assert.All(Load(old).Samples, s => Assert.Null(s.Image.File.Sex));
        var samples = Load(old with { Images = [.. old.Images.Select(i => i with { Sex = "F", Age = "63" })] }).Samples;
        Assert.All(samples, s => Assert.Equal(("F", "63"), (s.Image.File.Sex, s.Image.File.Age)));
    }

    [Fact]
    public void Load_OfAnImageWithOtherPixels_LeavesItOutAndSaysSo()
    {
        var manifest = Manifest(8).Divided(new(0.5, 0.5), seed: 3, GroupBy.Patient);

        var data = Load(
            manifest with { Images = [.. manifest.Images.Select((image, i) => i == 0 ? image with { PixelHash = "0" } : image)] });

        Assert.Equal(7, data.Samples.Count);
        Assert.Contains("not the pixels", Assert.Single(data.LeftOut), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_WithAnotherHash_IsRefused()
    {
        var path = Path.Combine(_films.Root, "m.json");
        var hash = Manifest(2).Write(path);

        Assert.Equal(2, ImageManifest.Read(path, hash).Images.Count);
        Assert.Throws<DataSetException>(() => ImageManifest.Read(path, new string('0', 64)));
    }

    [Fact]
    public void Divided_Again_LeavesTheOldDivisionsAugmentedImagesBehind()
    {
        var manifest = Manifest(8).Divided(new(0.5, 0.5), seed: 3, GroupBy.Patient);
        var child = manifest.Images[0] with { Path = "child.png", Origin = manifest.Images[0].Path };

        Assert.Equal(8, (manifest with { Images = [.. manifest.Images, child] }).Divided(new(), seed: 4, GroupBy.Patient).Images.Count);
    }

    [Fact]
    public void InFolds_ByPatient_KeepsEveryPatientInOneFoldAndEveryFoldInTheSameMixture()
    {
        var two = Manifest(24);
        // Two films of each patient, of one class.
        var manifest = two with { Images = [.. two.Images.Select((image, i) => image with { Patient = $"p{i % 2}-{i / 4}" })] };

        var divided = manifest.InFolds(3, seed: 5, GroupBy.Patient);

        Assert.Equal((3, GroupBy.Patient), (divided.Split!.Folds!.Value, divided.Split.By));
        Assert.All(divided.Images.GroupBy(i => i.Patient), p => Assert.Single(p.Select(i => i.Fold).Distinct()));
        Assert.Equal(Enumerable.Repeat(4, 6), divided.Images.GroupBy(i => (i.Class, i.Fold)).Select(g => g.Count()));
        Assert.Equal(divided.Images, manifest.InFolds(3, seed: 5, GroupBy.Patient).Images);
        Assert.NotEqual(divided.Images, manifest.InFolds(3, seed: 6, GroupBy.Patient).Images);
        Assert.All(divided.Images, i => Assert.Null(i.Part));
    }

    [Fact]
    public void InFolds_WrittenAndRead_IsTheSame()
    {
        var divided = Manifest(6).InFolds(3, seed: 5, GroupBy.Image);
        var path = Path.Combine(_films.Root, "m.json");

        var read = ImageManifest.Read(path, divided.Write(path));

        Assert.Equal(divided.Split, read.Split);
        Assert.Equal(divided.Images, read.Images);
        Assert.All(read.Divided(new(0.5, 0.5), seed: 1, GroupBy.Patient).Images, i => Assert.Null(i.Fold));
    }

    [Fact]
    public void PerceptualHash_WrittenAndRead_IsTheSame()
    {
        var hash = new PerceptualHash(1, ulong.MaxValue, 0, 0xABCDEF);

        Assert.Equal(hash, PerceptualHash.Parse(hash.ToString()));
        Assert.Throws<FormatException>(() => PerceptualHash.Parse("12"));
    }

    DataSet Load(ImageManifest manifest)
    {
        var hash = manifest.Write(Path.Combine(_films.Root, "m.json"));
        var options = new DataSetOptions("films", [new("films, version 1", Manifest: "m.json", ManifestHash: hash)], new(0.5, 0.5));
        return DataSet.Load(
            options, _films.Root, ["COVID-19", "Other"], PreprocessingPreset.Square(32), 1, null, TestContext.Current.CancellationToken);
    }

    // Half of each class, a patient each.
    ImageManifest Manifest(int count)
    {
        return new("films", null, [.. Enumerable.Range(0, count).Select(i =>
        {
            var path = $"film{i}.png";
            _films.Write(path, PngEncoder.Encode(FilmFolder.Film(i % 2 == 0, i, size: 64)));
            var found = InspectedImage.Of(File.ReadAllBytes(Path.Combine(_films.Root, path)), TrainingDecoders.Here.Films);
            return new ManifestImage(
                path, i % 2 == 0 ? "COVID-19" : "Other", $"p{i}", found.Sha256, found.PixelHash, found.Hash?.ToString(), found.Width,
                found.Height);
        })]);
    }
}
