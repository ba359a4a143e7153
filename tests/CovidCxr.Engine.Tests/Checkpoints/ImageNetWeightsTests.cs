using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Engine.Training.Sessions;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Networks;
using CovidCxr.Learning.Training;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Tests.Checkpoints;

public sealed class ImageNetWeightsTests
{
    const int Side = 224;

    static readonly string File = Path.Combine(AppContext.BaseDirectory, ImageNetWeights.File);

    [Fact]
    public void Read_WholeNetwork_GivesTheFeaturesThatOnnxRuntimeGives()
    {
        // With all of the package's blocks: what its file puts out is the mean of the last feature map.
        var shape = new NetworkShape("resnet18", [2, 2, 2, 3]);
        using var network = new ResNet(shape, classes: 2);
        var tensors = ImageNetWeights.Read(File, shape).ToDictionary(StringComparer.Ordinal);
        foreach (var (name, own) in StateDict.Save(network).Where(t => t.Key.StartsWith("fc.", StringComparison.Ordinal)))
        {
            tensors[name] = own;
        }

        StateDict.Load(network, tensors);
        network.eval();
        var random = new SplitMix64(20261128);
        var images = Enumerable.Range(0, 3 * Side * Side).Select(_ => (float)random.Normal()).ToArray();
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        var actual = network.Features(tensor(images, [1, 3, Side, Side])).mean([2L, 3L]).data<float>().ToArray();

        using var session = new InferenceSession(File);
        using var input = OrtValue.CreateTensorValueFromMemory(InBlueGreenRed(images), [1, 3, Side, Side]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, [session.InputNames[0]], [input], [session.OutputNames[0]]);
        var expected = outputs[0].GetTensorDataAsSpan<float>().ToArray();

        Assert.Equal(512, expected.Length);
        Assert.True(expected.Max() > 0.5);
        Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, 1e-3f * expected.Max()));
    }

    [Theory]
    [InlineData("resnet18")]
    [InlineData("resnet14")]
    public void Load_ImageNet_KeepsTheRandomHead(string architecture)
    {
        using var network = BackboneCatalog.Create(architecture, classes: 3, seed: 7);
        using var fresh = BackboneCatalog.Create(architecture, classes: 3, seed: 7);
        var notes = new List<string>();
        InitialWeights.Load(network, Configuration(architecture), notes.Add);

        Assert.Contains("ImageNet", Assert.Single(notes), StringComparison.Ordinal);
        Assert.Equal(fresh.Head.weight.data<float>().ToArray(), network.Head.weight.data<float>().ToArray());
        Assert.NotEqual(
            StateDict.Save(fresh)["layer1.0.conv1.weight"].ToFloats(), StateDict.Save(network)["layer1.0.conv1.weight"].ToFloats());
    }

    [Fact]
    public void Load_NetworkThatThePackageLacks_SaysWhichItHas()
    {
        using var network = BackboneCatalog.Create("resnet50", classes: 3, seed: 7);
        var refusal = Assert.Throws<TrainingException>(() => InitialWeights.Load(network, Configuration("resnet50"), _ => { }));

        Assert.Contains("resnet14", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(5_000_000)]
    public void Read_CutFile_IsRefused(int length)
    {
        var path = Path.GetTempFileName();
        try
        {
            System.IO.File.WriteAllBytes(path, System.IO.File.ReadAllBytes(File)[..length]);
            Assert.Throws<ModelFileException>(() => ImageNetWeights.Read(path, new("resnet18", [2, 2, 2, 2])));
        }
        finally
        {
            System.IO.File.Delete(path);
        }
    }

    // 0..255 about the means, blue first: what the package's network takes for the same picture.
    static float[] InBlueGreenRed(float[] images)
    {
        float[] deviation = [0.229f, 0.224f, 0.225f];
        var area = Side * Side;
        return [.. Enumerable.Range(0, images.Length).Select(i =>
        {
            var channel = 2 - (i / area);
            return images[(channel * area) + (i % area)] * 255 * deviation[channel];
        })];
    }

    static TrainingConfiguration Configuration(string architecture) => new()
    {
        Name = "test",
        Architecture = architecture,
        Classes = ["a", "b", "c"],
        PositiveClass = "a",
        InitialModel = ImageNetWeights.Name,
        Data = new("none", [], new()),
    };
}
