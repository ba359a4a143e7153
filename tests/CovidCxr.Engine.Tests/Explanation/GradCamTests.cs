using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Explanation;
using CovidCxr.Engine.Tests.Backbones;
using CovidCxr.Learning.Explanation;
using TorchSharp;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Tests.Explanation;

public class GradCamTests
{
    [Theory]
    [InlineData("resnet18", 0)]
    [InlineData("resnet18", 1)]
    [InlineData("densenet121", 1)]
    public void ClosedForm_AtTheLastMap_EqualsAutograd(string architecture, int classIndex)
    {
        using var scope = NewDisposeScope();
        using var network = Network(architecture);
        var image = FormulaWeights.Images(1, 128, 96);

        var closed = ClosedForm(network, image, classIndex);
        var byBackward = GradCam.ByBackward(network, image, classIndex);

        Assert.Equal((3, 4), (closed.Width, closed.Height));
        Assert.Equal((3, 4), (byBackward.Width, byBackward.Height));
        Assert.InRange(closed.Values.Count(v => v > 0.01), 2, 12);
        AssertEqual(byBackward, closed);
    }

    [Fact]
    public void ByBackward_AtTheLastBlockOfAResNet_EqualsClosedForm()
    {
        using var scope = NewDisposeScope();
        using var network = Network("resnet18");
        var image = FormulaWeights.Images(1, 128, 96);

        AssertEqual(ClosedForm(network, image, 1), GradCam.ByBackward(network, image, 1, "layer4.1"));
        AssertEqual(ClosedForm(network, image, 1), GradCam.ByBackward(network, image, 1, "layer4"));
    }

    [Theory]
    [Trait("Speed", "Slow")]
    [InlineData("resnet18", "layer2", 8, 4)]
    [InlineData("resnet18", "layer1.0.conv1", 16, 8)]
    [InlineData("densenet121", "features.denseblock4.denselayer3", 2, 1)]
    [InlineData("densenet121", "features.norm0", 32, 16)]
    public void ByBackward_AtAnyLayer_EqualsFiniteDifferences(string architecture, string layer, int width, int height)
    {
        using var scope = NewDisposeScope();
        using var network = Network(architecture);
        network.to(ScalarType.Float64);
        var image = FormulaWeights.Images(1, 32, 64).to_type(ScalarType.Float64);

        var map = GradCam.ByBackward(network, image, 0, layer);

        Assert.Equal((width, height), (map.Width, map.Height));
        AssertEqual(ByDifferences(network, image, 0, layer), map);
    }

    [Fact]
    public void ByBackward_OfAFrozenNetwork_WorksAndLeavesNoGradient()
    {
        using var scope = NewDisposeScope();
        using var network = Network("resnet18");
        network.parameters().ToList().ForEach(p => p.requires_grad_(false));

        var map = GradCam.ByBackward(network, FormulaWeights.Images(1, 64, 64), 0, "layer3");

        Assert.Equal(1f, map.Values.Max());
        Assert.All(network.parameters(), p => Assert.True(p.grad is null));
    }

    [Theory]
    [InlineData("layer5")]
    [InlineData("fc")]
    public void ByBackward_WhereThereIsNoMap_IsRefusedByName(string layer)
    {
        using var scope = NewDisposeScope();
        using var network = Network("resnet18");

        var refusal = Assert.Throws<ArgumentException>(() => GradCam.ByBackward(network, FormulaWeights.Images(1, 64, 64), 0, layer));

        Assert.Contains($"'{layer}'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ClosedForm_WhereNothingSpeaksForTheClass_IsZeroEverywhere()
    {
        var map = GradCam.ClosedForm([1, 2, 3, 4, 5, 6], [-1, 0], height: 1, width: 3);

        Assert.Equal([0f, 0f, 0f], map.Values);
    }

    [Fact]
    public void ClosedForm_WeighsChannelsAndScalesToOne()
    {
        // 2 * (1, 2, 0) - (0, 5, 3) = (2, -1, -3), of which the positive part is kept.
        var map = GradCam.ClosedForm([1, 2, 0, 0, 5, 3], [2, -1], height: 1, width: 3);
        var two = GradCam.ClosedForm([1, 2, 0, 4, 0, 3], [2, 1], height: 3, width: 1);

        Assert.Equal([1f, 0f, 0f], map.Values);
        Assert.Equal([1f, 4f / 6, 0.5f], two.Values);
    }

    [Fact]
    public void ClosedForm_OfTooFewFeatures_IsRefused() =>
        Assert.Throws<ArgumentException>(() => GradCam.ClosedForm(new float[5], new float[2], height: 1, width: 3));

    static Backbone Network(string architecture)
    {
        var network = BackboneCatalog.Create(architecture, classes: 3, seed: 1);
        FormulaWeights.Fill(network);
        network.eval();
        return network;
    }

    static HeatMap ClosedForm(Backbone network, Tensor image, int classIndex)
    {
        using var frozen = no_grad();
        var features = network.Features(image);
        return GradCam.ClosedForm(
            features.data<float>().ToArray(), network.Head.weight[classIndex].data<float>().ToArray(), (int)features.shape[2],
            (int)features.shape[3]);
    }

    // The mean gradient of a channel is what the score gains when the whole channel rises, over its area.
    static HeatMap ByDifferences(Backbone network, Tensor image, int classIndex, string layer)
    {
        const double Step = 1e-5;
        using var frozen = no_grad();
        var module = (nn.Module<Tensor, Tensor>)network.named_modules().First(m => m.name == layer).module;
        Tensor? seen = null;
        Tensor? shift = null;
        var hook = module.register_forward_hook((_, _, output) =>
        {
            seen ??= output.clone().DetachFromDisposeScope();
            return shift is null ? output.clone() : output + shift;
        });
        double Score() => network.forward(image)[0, classIndex].item<double>();
        Score();
        var channels = seen!.shape[1];
        var map = zeros([seen.shape[2], seen.shape[3]], ScalarType.Float64);
        for (var c = 0; c < channels; c++)
        {
            using var inner = NewDisposeScope();
            shift = zeros([1, channels, 1, 1], ScalarType.Float64);
            shift[0, c] = tensor(Step);
            var above = Score();
            shift = shift.neg();
            map.add_(seen[0, c] * ((above - Score()) / (2 * Step)));
        }

        hook.remove();
        seen.Dispose();
        map = map.relu();
        var peak = map.max().item<double>();
        return new([.. (map / peak).data<double>().ToArray().Select(v => (float)v)], (int)map.shape[1], (int)map.shape[0]);
    }

    static void AssertEqual(HeatMap expected, HeatMap actual)
    {
        Assert.Equal(expected.Values.Length, actual.Values.Length);
        Assert.All(expected.Values.Zip(actual.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }
}
