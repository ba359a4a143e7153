using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Engine.Tests.Backbones;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Testing;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Tests.Checkpoints;

public sealed class ModelFileTests : IDisposable
{
    // Once for all: a formula gives each of eleven million weights.
    static readonly Lazy<IReadOnlyDictionary<string, StoredTensor>> Saved = new(() =>
    {
        using var network = Filled();
        return StateDict.Save(network);
    });

    readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Read_InFull_AnswersExactlyAsTheNetworkThatWasWritten()
    {
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        using var network = Filled();
        ModelFile.Write(_path, TestHeader.Of(classes: 3), StateDict.Save(network), inHalfPrecision: false);

        var file = ModelFile.Read(_path);
        using var read = file.ToNetwork();

        var images = FormulaWeights.Images(2, 32, 32);
        network.eval();
        Assert.Equal(network.forward(images).data<float>().ToArray(), read.forward(images).data<float>().ToArray());
        Assert.Equal(TestHeader.Of(classes: 3).ToJson(), file.Header.ToJson());
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(_path))), file.Sha256);
    }

    [Fact]
    public void WeightsHash_OfAnotherHeaderOrPrecision_IsTheSame_OfAnotherWeightIsNot()
    {
        string Hash(ModelHeader header, IReadOnlyDictionary<string, StoredTensor> weights, bool inHalf)
        {
            ModelFile.Write(_path, header, weights, inHalf);
            return ModelFile.Read(_path).WeightsHash();
        }

        var header = TestHeader.Of(classes: 3);
        var hash = Hash(header, Saved.Value, inHalf: true);

        Assert.Equal(hash, Hash(header with { Name = "another" }, Saved.Value, inHalf: false));
        var bias = Saved.Value["fc.bias"].ToFloats();
        bias[0] += 1;
        var changed = new Dictionary<string, StoredTensor>(Saved.Value) { ["fc.bias"] = StoredTensor.FromFloats(bias, [3]) };
        Assert.NotEqual(hash, Hash(header, changed, inHalf: true));
    }

    [Fact]
    public void Read_InHalf_RoundsWeightsAndLeavesStatisticsAlone()
    {
        using var scope = NewDisposeScope();
        var original = Saved.Value;
        ModelFile.Write(_path, TestHeader.Of(classes: 3), original, inHalfPrecision: true);

        var file = ModelFile.Read(_path);

        Assert.Equal(original.Keys.Order(), file.Tensors.Keys.Order());
        Assert.All(file.Tensors.Where(t => t.Key.Contains("running_", StringComparison.Ordinal)), t =>
            Assert.True(t.Value.Data.Span.SequenceEqual(original[t.Key].Data.Span), t.Key));
        Assert.All(file.Tensors.Where(t => t.Value.Type == "F16"), t =>
        {
            var expected = original[t.Key].ToFloats().Select(v => (float)(Half)v);
            Assert.True(expected.SequenceEqual(t.Value.ToFloats()), t.Key);
        });
        Assert.Equal(62, file.Tensors.Count(t => t.Value.Type == "F16"));
        Assert.Equal(20, file.Tensors.Count(t => t.Value.Type == "I64"));
        Assert.InRange(new FileInfo(_path).Length, 22_000_000, 23_000_000);
        using var read = file.ToNetwork();
        Assert.Equal(3, read.Classes);
    }

    [Fact]
    public void Read_BareWeights_PointsToTheImport()
    {
        WeightsFile.Write(_path, new Dictionary<string, StoredTensor> { ["a"] = TestTensor.Of([1], [1]) });

        Assert.Contains("model import", Assert.Throws<ModelFileException>(() => ModelFile.Read(_path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vgg16", 2, "no architecture")]
    [InlineData("resnet18", 5, "resnet18 needs 5")]
    [InlineData("densenet121", 3, "not those of densenet121")]
    public void ToNetwork_OfAHeaderThatLies_NamesWhatDoesNotFit(string architecture, int classes, string words)
    {
        ModelFile.Write(_path, TestHeader.Of(architecture, classes), Saved.Value, inHalfPrecision: true);

        Assert.Contains(
            words, Assert.Throws<ModelFileException>(() => ModelFile.Read(_path).ToNetwork()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("\"format\":2")]
    [InlineData("\"threshold\":1.5")]
    [InlineData("\"positiveClass\":2")]
    [InlineData("\"positiveClass\":-1")]
    [InlineData("\"classes\":[\"one\"]")]
    [InlineData("\"classes\":[\"one\",\"one\"]")]
    [InlineData("\"classes\":null")]
    [InlineData(
        "\"preset\":{\"width\":5,\"height\":32,\"lowPercentile\":0.5,\"highPercentile\":99.5,\"mean\":[0,0,0],\"deviation\":[1,1,1]}")]
    [InlineData(
        "\"preset\":{\"width\":32,\"height\":32,\"lowPercentile\":0.5,\"highPercentile\":99.5,\"mean\":[0,0,0],\"deviation\":[1,1,0]}")]
    public void FromJson_AHeaderThatCannotBe_IsRefused(string json) =>
        Assert.Throws<ModelFileException>(() => ModelHeader.FromJson(Changed(json)));

    [Fact]
    public void Read_AMissingFile_IsAModelFileException() => Assert.Throws<ModelFileException>(() => ModelFile.Read(_path));

    // A member in the place of the sound header's own, or the whole text.
    static string Changed(string json)
    {
        if (!json.StartsWith('"'))
        {
            return json;
        }

        var header = System.Text.Json.Nodes.JsonNode.Parse(TestHeader.Of().ToJson())!.AsObject();
        var (name, value) = System.Text.Json.Nodes.JsonNode.Parse($"{{{json}}}")!.AsObject().Single();
        Assert.True(header.ContainsKey(name));
        header[name] = value?.DeepClone();
        return header.ToJsonString();
    }

    static Backbone Filled()
    {
        var network = BackboneCatalog.Create("resnet18", 3, seed: 1);
        FormulaWeights.Fill(network);
        return network;
    }
}
