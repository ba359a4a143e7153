using System.Collections.Concurrent;
using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Engine.Tests.Backbones;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Networks;
using CovidCxr.Testing;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Tests.Checkpoints;

[Trait("Speed", "Slow")]
public sealed class ImportedWeightsTests : IDisposable
{
    const int Classes = 3;

    // Millions of values each, which no test changes.
    static readonly ConcurrentDictionary<string, Lazy<List<(string Name, long[] Shape, float[] Values)>>> Made = new();

    readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Read_APthWithAFittingHead_IsTheSameNetwork()
    {
        var original = Weights("resnet18");
        WritePth(original);

        var imported = ImportedWeights.Read(_path, "resnet18", Classes);

        Assert.True(imported.KeepsHead);
        AssertSame(original, imported.Tensors);
    }

    [Fact]
    public void Read_WithOtherClasses_GetsANewHeadAndKeepsTheRest()
    {
        var original = Weights("resnet18");
        WritePth(original.Select(t => ("module." + t.Name, t.Shape, t.Values)));

        var imported = ImportedWeights.Read(_path, architecture: null, classes: 2);

        Assert.Equal(("resnet18", false, 3L), (imported.Architecture, imported.KeepsHead, imported.HeadClasses!.Value));
        Assert.Equal([2L, 512L], imported.Tensors["fc.weight"].Shape);
        AssertSame(original.Where(t => !t.Name.StartsWith("fc.", StringComparison.Ordinal)), imported.Tensors);
    }

    [Theory]
    [InlineData("model.")]
    [InlineData("_orig_mod.")]
    [InlineData("backbone.")]
    [InlineData("module._orig_mod.model.net.")]
    public void Read_NamesThatAWrapperPutSomethingBefore_IsTheSameNetwork(string prefix)
    {
        var original = Weights("resnet18");
        WritePth(original.Select(t => (prefix + t.Name, t.Shape, t.Values)).Append(("criterion.weight", [3L], [1f, 2f, 3f])));

        var imported = ImportedWeights.Read(_path, null, Classes);

        Assert.True(imported.KeepsHead);
        AssertSame(original, imported.Tensors);
    }

    [Theory]
    [InlineData("model.fc.1")]
    [InlineData("last_linear")]
    [InlineData("head")]
    public void Read_ALinearHeadOfAnotherName_TakesIt(string head)
    {
        var original = Weights("resnet18");
        var prefix = head.StartsWith("model.", StringComparison.Ordinal) ? "model." : "";
        WritePth(original.Select(
            t => (t.Name.StartsWith("fc.", StringComparison.Ordinal) ? head + t.Name[2..] : prefix + t.Name, t.Shape, t.Values)));

        var imported = ImportedWeights.Read(_path, null, Classes);

        Assert.True(imported.KeepsHead);
        AssertSame(original, imported.Tensors);
    }

    [Fact]
    public void Read_AHeadOfSeveralLayers_GetsANewOne()
    {
        WritePth(
            Weights("resnet18").Where(t => !t.Name.StartsWith("fc.", StringComparison.Ordinal))
                .Append(("fc.0.weight", [8, 512], new float[8 * 512])).Append(("fc.2.weight", [5, 8], new float[40])));

        var imported = ImportedWeights.Read(_path, null, Classes);

        Assert.Equal((false, 5L), (imported.KeepsHead, imported.HeadClasses));
    }

    [Fact]
    public void Read_PartOfALargerNetworkOrSeveral_SaysSo()
    {
        WritePth(Weights("resnet18").Select(t => ("encoder." + t.Name, t.Shape, t.Values)).Append(("decoder.up.weight", [1], [1f])));
        Assert.Contains("Besides a network under 'encoder.' the file holds decoder.up.weight", Refusal(null), StringComparison.Ordinal);

        WritePth(Weights("resnet18").SelectMany(t => new[] { ("q." + t.Name, t.Shape, t.Values), ("k." + t.Name, t.Shape, t.Values) }));
        Assert.Contains("several networks, under 'k.' and 'q.'", Refusal(null), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AStemOfOneChannel_SaysHowToMakeThree()
    {
        WritePth(Weights("resnet18").Select(t => t.Name == "conv1.weight" ? (t.Name, [64, 1, 7, 7], new float[64 * 49]) : t));

        Assert.Contains("repeat(1, 3, 1, 1) / 3", Refusal(null), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_WithoutAHead_GetsANewOne()
    {
        WritePth(Weights("resnet18").Where(t => !t.Name.StartsWith("fc.", StringComparison.Ordinal)));

        var imported = ImportedWeights.Read(_path, null, Classes);

        Assert.Equal((false, null), (imported.KeepsHead, imported.HeadClasses));
        Assert.Equal([3L, 512L], imported.Tensors["fc.weight"].Shape);
    }

    [Fact]
    public void Read_AnOldDenseNetAsSafetensors_IsRenamed()
    {
        var original = Weights("densenet121");
        var old = original.ToDictionary(
            t => System.Text.RegularExpressions.Regex.Replace(t.Name, @"(denselayer\d+\.(?:norm|conv))([12])", "$1.$2"),
            t => TestTensor.Of(t.Values, t.Shape));
        Assert.Contains("features.denseblock1.denselayer1.norm.1.weight", old.Keys);
        WeightsFile.Write(_path, old);

        var imported = ImportedWeights.Read(_path, null, Classes);

        Assert.Equal("densenet121", imported.Architecture);
        AssertSame(original, imported.Tensors);
    }

    [Theory]
    [InlineData("resnet18")]
    [InlineData("resnet50")]
    [InlineData("resnet152")]
    [InlineData("densenet121")]
    [InlineData("densenet169")]
    public void Recognition_OfTorchvisionsNames_FindsTheNetwork(string architecture) =>
        Assert.Equal(
            architecture,
            NetworkCatalog.Recognise(File.ReadLines(GoldenFile.Path($"keys/{architecture}.txt")).Select(l => l.Split(' ')[0])));

    [Fact]
    public void Read_AnotherArchitectureThanNamed_SaysWhichItIs()
    {
        WritePth(Weights("resnet18"));

        Assert.Contains("those of resnet18, not of resnet50", Refusal("resnet50"), StringComparison.Ordinal);
    }

    // ResNet34 has three blocks where ResNet18 has two.
    [Fact]
    public void Read_AnUnknownNetwork_NamesTheKnown()
    {
        WritePth(Weights("resnet18").Append(("layer1.2.conv1.weight", [64, 64, 3, 3], new float[64 * 64 * 9])));

        Assert.Contains("no network that is known", Refusal(null), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AWiderNetwork_NamesTheTensor()
    {
        WritePth(
            Weights("resnet18").Select(t => t.Name == "layer2.0.conv1.weight" ? (t.Name, [256, 64, 3, 3], new float[256 * 64 * 9]) : t));

        Assert.Contains("layer2.0.conv1.weight has the shape 256x64x3x3", Refusal(null), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AMissingAndASuperfluousTensor_NamesBoth()
    {
        WritePth(Weights("resnet18").Where(t => t.Name != "bn1.weight").Append(("extra.weight", [1], [1f])));

        var refusal = Refusal(null);
        Assert.Contains("missing bn1.weight", refusal, StringComparison.Ordinal);
        Assert.Contains("unknown extra.weight", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ANotANumber_IsRefused()
    {
        WritePth(Weights("resnet18").Select(t => t.Name == "bn1.weight" ? (t.Name, t.Shape, [.. t.Values.Skip(1), float.NaN]) : t));

        Assert.Contains("bn1.weight holds values that are not finite", Refusal(null), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NeitherFormat_IsRefused()
    {
        File.WriteAllText(_path, "these are no weights at all");

        Refusal("resnet18");
    }

    string Refusal(string? architecture) =>
        Assert.Throws<ModelFileException>(() => ImportedWeights.Read(_path, architecture, Classes)).Message;

    void WritePth(IEnumerable<(string Name, long[] Shape, float[] Values)> tensors) =>
        File.WriteAllBytes(_path, PickleBuilder.StateDict(tensors));

    static IReadOnlyList<(string Name, long[] Shape, float[] Values)> Weights(string architecture) =>
        Made.GetOrAdd(architecture, a => new(() => Make(a))).Value;

    // Without the counters of batches, as torchvision's older files.
    static List<(string Name, long[] Shape, float[] Values)> Make(string architecture)
    {
        using var scope = NewDisposeScope();
        using var network = BackboneCatalog.Create(architecture, Classes, seed: 1);
        FormulaWeights.Fill(network);
        return [.. StateDict.Save(network).Where(t => t.Value.Type == "F32").Select(t => (t.Key, t.Value.Shape, t.Value.ToFloats()))];
    }

    static void AssertSame(
        IEnumerable<(string Name, long[] Shape, float[] Values)> expected, IReadOnlyDictionary<string, StoredTensor> actual) =>
        Assert.All(expected, t =>
            Assert.True(actual[t.Name].Shape.SequenceEqual(t.Shape) && actual[t.Name].ToFloats().AsSpan().SequenceEqual(t.Values), t.Name));
}
