using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Optimization;
using CovidCxr.Learning.Networks;
using CovidCxr.Learning.Optimization;
using CovidCxr.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Tests.Backbones;

/// <summary>Against torchvision 0.14, computed in float64 by Golden/backbones.py.</summary>
[Trait("Speed", "Slow")]
public class ParityTests
{
    const int Classes = 3;

    static readonly Dictionary<string, Golden> Expected = GoldenFile.Json<Dictionary<string, Golden>>("backbones.json");

    public static TheoryData<string> Networks => [.. NetworkCatalog.Names];

    [Theory]
    [MemberData(nameof(Networks))]
    public void Forward_SameWeightsSameInput_AnswersAsTorchvision(string architecture)
    {
        using var scope = NewDisposeScope();
        using var frozen = inference_mode();
        using var network = Filled(architecture);
        network.eval();
        var images = FormulaWeights.Images(2, 64, 96);

        var features = network.Features(images);
        var logits = network.forward(images);

        var expected = Expected[architecture];
        AssertClose(expected.Logits, Doubles(logits));
        Assert.Equal(expected.FeatureShape, features.shape);
        AssertClose([expected.FeatureMean], [features.mean().item<float>()]);
        AssertClose([expected.FeatureDeviation], [features.std(unbiased: false).item<float>()]);
        AssertClose([expected.FeatureMaximum], [features.max().item<float>()]);
        AssertClose(expected.FeatureCorner, Doubles(features[1, TensorIndex.Slice(0, 8), -1, -1]));
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Forward_ChannelsLast_AnswersAsTorchvision(string architecture)
    {
        using var scope = NewDisposeScope();
        using var frozen = inference_mode();
        using var network = Filled(architecture);
        network.eval();
        MixedPrecision.Prepare(network, Precision.Float32);

        var logits = network.forward(MixedPrecision.ChannelsLast(FormulaWeights.Images(2, 64, 96)));

        AssertClose(Expected[architecture].Logits, Doubles(logits));
    }

    // In float64, because float32 drifts through the batch statistics of small batches. One network of each kind of block.
    [Theory]
    [InlineData("resnet18")]
    [InlineData("resnet50")]
    [InlineData("densenet121")]
    public void Backward_InTrainingMode_GivesTorchvisionsGradientsAndStatistics(string architecture)
    {
        using var scope = NewDisposeScope();
        using var network = Filled(architecture);
        network.to(ScalarType.Float64);
        network.train();

        var logits = network.forward(FormulaWeights.Images(4, 64, 64).to_type(ScalarType.Float64));
        var loss = nn.functional.cross_entropy(logits, tensor(new long[] { 0, 1, 2, 1 }));
        loss.backward();

        var expected = Expected[architecture].Training;
        var parameters = network.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        var buffers = network.named_buffers().ToDictionary(b => b.name, b => b.buffer);
        var (stem, norm) = network is ResNet ? ("conv1", "bn1") : ("features.conv0", "features.norm0");
        AssertClose([expected.Loss], [loss.item<double>()]);
        AssertClose([expected.FirstGradient], [Norm(parameters[stem + ".weight"])]);
        AssertClose([expected.HeadGradient], [Norm(network.Head.weight)]);
        AssertClose([expected.AllGradients], [Math.Sqrt(parameters.Values.Sum(p => Math.Pow(Norm(p), 2)))]);
        AssertClose(expected.RunningMean, Doubles(buffers[norm + ".running_mean"][..4]));
        AssertClose(expected.RunningVariance, Doubles(buffers[norm + ".running_var"][..4]));
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void StateDict_NamesAndShapes_AreTorchvisions(string architecture)
    {
        using var scope = NewDisposeScope();
        using var network = BackboneCatalog.Create(architecture, classes: 1000, seed: 1);

        var actual = network.state_dict().Select(t => $"{t.Key} {string.Join('x', t.Value.shape)}".TrimEnd());

        Assert.Equal(
            File.ReadLines(GoldenFile.Path($"keys/{architecture}.txt")).Order(StringComparer.Ordinal),
            actual.Order(StringComparer.Ordinal));
    }

    static Backbone Filled(string architecture)
    {
        var network = BackboneCatalog.Create(architecture, Classes, seed: 1);
        FormulaWeights.Fill(network);
        return network;
    }

    static double Norm(Tensor parameter) => parameter.grad!.norm().item<double>();

    static double[] Doubles(Tensor values) => values.to_type(ScalarType.Float64).contiguous().data<double>().ToArray();

    static void AssertClose(IReadOnlyList<double> expected, IReadOnlyList<double> actual)
    {
        var tolerance = 1e-4 * expected.Max(Math.Abs);
        Assert.Equal(expected.Count, actual.Count);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    public sealed record Golden(
        double[] Logits, long[] FeatureShape, double FeatureMean, double FeatureDeviation, double FeatureMaximum, double[] FeatureCorner,
        TrainingStep Training);

    public sealed record TrainingStep(
        double Loss, double FirstGradient, double HeadGradient, double AllGradients, double[] RunningMean, double[] RunningVariance);
}
