using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Engine.Serving;
using CovidCxr.Engine.Tests.Backbones;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Networks;
using CovidCxr.Learning.Onnx;
using CovidCxr.Testing;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Tests.Serving;

public sealed class OnnxExportTests : IDisposable
{
    const int Classes = 3;

    static readonly Dictionary<string, ParityTests.Golden> Torchvision = GoldenFile.Json<Dictionary<string, ParityTests.Golden>>(
        "backbones.json");

    readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".onnx");

    public static TheoryData<string> Networks => [.. NetworkCatalog.Names];

    public void Dispose() => File.Delete(_path);

    [Theory]
    [Trait("Speed", "Slow")]
    [MemberData(nameof(Networks))]
    public void Write_EveryNetwork_AnswersAsTorchSharpAndTorchvision(string architecture)
    {
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        using var network = Filled(architecture);
        using var graph = Export(network);

        foreach (var (count, height, width) in new[] { (2, 64, 96), (1, 32, 32) })
        {
            var images = FormulaWeights.Images(count, height, width);
            var features = network.Features(images);
            var output = graph.Run(images.data<float>().ToArray(), count, height, width);

            AssertClose(Floats(network.Classify(features)), output.Logits);
            AssertClose(Floats(features), output.Features);
            Assert.Equal(
                [Classes, .. features.shape[1..]], new long[] { output.Classes, output.Channels, output.MapHeight, output.MapWidth });
        }

        AssertClose(
            [.. Torchvision[architecture].Logits.Select(l => (float)l)],
            graph.Run(FormulaWeights.Images(2, 64, 96).data<float>().ToArray(), 2, 64, 96).Logits);
    }

    [Fact]
    public void Write_AnUnknownArchitecture_IsRefused() =>
        Assert.Throws<ArgumentException>(() => OnnxExport.Write("vgg16", new Dictionary<string, WeightTensor>(), []));

    [Fact]
    public void Write_WithoutAWeight_NamesIt()
    {
        using var network = Filled("resnet18");
        var weights = Weights(network);
        weights.Remove("layer2.1.bn2.running_var");

        Assert.Contains(
            "layer2.1.bn2.running_var", Assert.Throws<KeyNotFoundException>(() => OnnxExport.Write("resnet18", weights, [])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public void VerifiedGraph_OfAModel_IsWrittenAndSaysHowFarItIsFromTorchSharp()
    {
        using var network = Filled("resnet18");
        var file = new ModelFile(TestHeader.Of(classes: Classes), StateDict.Save(network), "");

        var distance = VerifiedGraph.Write(file, _path);

        Assert.InRange(distance, 0, VerifiedGraph.Tolerance);
        using var graph = new OnnxNetwork(_path, 1, spins: false);
        Assert.Equal(distance, OnnxVerification.Distance(file, graph), 1e-5);
        Assert.Single(Directory.GetFiles(Path.GetTempPath(), Path.GetFileName(_path) + "*"));
    }

    // A graph of other weights is far away: the check can fail.
    [Fact]
    public void Distance_OfAnotherNetworksGraph_IsLarge()
    {
        using var network = Filled("resnet18");
        using var graph = Export(network);
        using var other = BackboneCatalog.Create("resnet18", Classes, seed: 2);
        other.eval();

        Assert.True(OnnxVerification.Distance(
            new(TestHeader.Of(classes: Classes), StateDict.Save(other), ""), graph) > 100 * VerifiedGraph.Tolerance);
    }

    [Fact]
    public void VerifiedGraph_OfWeightsThatDoNotFit_LeavesNothing()
    {
        using var network = Filled("resnet18");
        var tensors = StateDict.Save(network).Where(t => t.Key != "fc.bias").ToDictionary();

        Assert.Throws<ModelFileException>(() => VerifiedGraph.Write(new(TestHeader.Of(classes: Classes), tensors, ""), _path));
        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), Path.GetFileName(_path) + "*"));
    }

    OnnxNetwork Export(Backbone network)
    {
        File.WriteAllBytes(_path, OnnxExport.Write(network.Architecture, Weights(network), []));
        return new(_path, threads: 1, spins: false);
    }

    static Backbone Filled(string architecture)
    {
        var network = BackboneCatalog.Create(architecture, Classes, seed: 1);
        FormulaWeights.Fill(network);
        network.eval();
        return network;
    }

    static Dictionary<string, WeightTensor> Weights(Backbone network) =>
        new(new ModelFile(TestHeader.Of(), StateDict.Save(network), "").ToWeights());

    static float[] Floats(Tensor values) => values.contiguous().data<float>().ToArray();

    static void AssertClose(float[] expected, float[] actual)
    {
        var tolerance = 1e-4f * expected.Max(MathF.Abs);
        Assert.Equal(expected.Length, actual.Length);
        Assert.True(expected.Zip(actual, (e, a) => MathF.Abs(e - a)).Max() <= tolerance);
    }
}
