using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Testing;

namespace CovidCxr.Learning.Tests.Checkpoints;

public sealed class TrainedImagesTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("covidcxr-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void File_OfATrainedModel_HoldsItsImagesBesideTheHeader()
    {
        var trained = TrainedImages.Of([Film(1, "here"), Film(2, "there"), Film(1, "here")], null);
        var path = Write("model", TestHeader.Of() with { TrainedImages = trained });

        var read = ModelFile.Read(path).Header;

        Assert.Equal(trained.Images, read.TrainedImages!.Images);
        Assert.Equal(2, read.TrainedImages.Images.Count);
        Assert.Equal(["here", "there"], read.TrainedImages.Sources);
        Assert.Empty(read.TrainedImages.Unknown);
        // The header's JSON goes into a database's row, which must not grow with the data.
        Assert.DoesNotContain("trained", read.ToJson(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Json_OfTenThousandImages_TakesSixtyFourBytesForEach()
    {
        var json = TrainedImages.Of([.. Enumerable.Range(0, 10_000).Select(i => Film(i, "here"))], null).ToJson();
        Assert.InRange(json.Length, 640_000, 641_000);
    }

    [Fact]
    public void Of_ATrainingFromAnotherModel_CarriesThatModelsImagesAndItsAncestors()
    {
        var first = Write("first", TestHeader.Of() with { TrainedImages = TrainedImages.Of([Film(1, "one")], null) });
        var second = Write("second", TestHeader.Of() with { TrainedImages = TrainedImages.Of([Film(2, "two")], first) });

        var third = TrainedImages.Of([Film(3, "three")], second);

        Assert.Equal([1, 2, 3], third.Images.Select(i => Convert.ToInt32(i.PixelHash[..8], 16)).Order());
        Assert.Equal(["one", "three", "two"], third.Sources);
        Assert.Empty(third.Unknown);
    }

    [Fact]
    public void Of_ATrainingFromForeignWeights_SaysThatTheyAreNotKnown()
    {
        var foreign = Write("foreign", TestHeader.Of(name: "Imported resnet18"));
        var second = Write("second", TestHeader.Of() with { TrainedImages = TrainedImages.Of([Film(2, "two")], foreign) });

        var unknown = Assert.Single(TrainedImages.Of([Film(3, "three")], second).Unknown);

        Assert.Contains("'Imported resnet18', which it started from, was not trained here", unknown, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_AnAncestorOfBeforeThereWasAList_TakesTheManifestBesideIt()
    {
        var manifest = new DataManifest(
            "m", [new("a", Films.Pixels(1), "Other", 0, "training"), new("b", Films.Pixels(2), "Other", 1, "test")]);
        var training = new TrainingSummary("m", manifest.Hash(), [], "patient", 1, 1, 1, "{}", default, default, "");
        var old = Write("old", TestHeader.Of(name: "old") with { Training = training });

        Assert.Contains(
            "'old', which it started from, does not say", Assert.Single(TrainedImages.OfModel(old).Unknown), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_folder, "manifest.json"), manifest.ToJson());
        var known = TrainedImages.OfModel(old);
        Assert.Equal(new TrainedImage(Films.Pixels(1)[..32], null), Assert.Single(known.Images));
        Assert.Empty(known.Unknown);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("nonsense")]
    [InlineData("""{"sources":[],"unknown":[],"images":"AAAA"}""")]
    [InlineData("""{"sources":[],"unknown":[],"images":"!"}""")]
    [InlineData("""{"sources":[null],"unknown":[],"images":""}""")]
    [InlineData("""{"sources":[],"unknown":null,"images":""}""")]
    public void FromJson_OfADamagedList_IsRefused(string json) =>
        Assert.Throws<ModelFileException>(() => TrainedImages.FromJson(json));

    [Fact]
    public void OfModel_ThatIsNoLongerThere_SaysSo() => Assert.Contains(
        "no longer there", Assert.Single(TrainedImages.OfModel(Path.Combine(_folder, "gone")).Unknown), StringComparison.Ordinal);

    static Sample Film(int number, string source) =>
        Films.Of($"{number}", Films.Pixels(number), new((ulong)number, 2, 3, ulong.MaxValue), source);

    string Write(string name, ModelHeader header)
    {
        var path = Path.Combine(_folder, name + ".safetensors");
        ModelFile.Write(path, header, new Dictionary<string, StoredTensor>(), inHalfPrecision: false);
        return path;
    }
}
