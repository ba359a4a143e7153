using CovidCxr.Engine.Backbones;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Tests.Backbones;

public class BackboneTests
{
    [Theory]
    [Trait("Speed", "Slow")]
    [InlineData("resnet18", 21)]
    [InlineData("resnet50", 54)]
    [InlineData("resnet152", 156)]
    [InlineData("densenet121", 122)]
    [InlineData("densenet169", 170)]
    public void Layers_OfEveryNetwork_HoldEachParameterOnceFromStemToHead(string architecture, int count)
    {
        using var scope = NewDisposeScope();
        using var network = BackboneCatalog.Create(architecture, classes: 2, seed: 1);

        var stages = network.Layers.Select(l => l.Stage).ToList();
        var parameters = network.Layers.SelectMany(l => l.Modules).SelectMany(m => m.parameters()).Select(p => p.Handle).ToList();

        Assert.Equal(count, network.Layers.Count);
        Assert.Equal(["stem", "stage1", "stage2", "stage3", "stage4", "head"], stages.Distinct());
        Assert.Equal(stages.OrderBy(Rank), stages);
        Assert.Equal(network.named_parameters().Count(), parameters.Distinct().Count());
        Assert.Equal(parameters.Count, parameters.Distinct().Count());
        Assert.All(network.Layers, l => Assert.Contains(network.named_modules(), m => m.name == l.Name));
    }

    // torchvision: ResNet draws convolutions for fan-out, DenseNet for fan-in; both with gain sqrt 2.
    [Theory]
    [InlineData("resnet18", "layer3.1.conv2.weight", 256 * 9)]
    [InlineData("resnet50", "layer2.0.conv3.weight", 512)]
    [InlineData("densenet121", "features.denseblock3.denselayer9.conv1.weight", 512)]
    [InlineData("densenet121", "features.transition2.conv.weight", 512)]
    public void Create_ANewNetwork_HasTorchvisionsDeviations(string architecture, string name, int fan)
    {
        using var scope = NewDisposeScope();
        using var network = BackboneCatalog.Create(architecture, classes: 2, seed: 7);
        var state = network.state_dict();

        Assert.Equal(Math.Sqrt(2.0 / fan), state[name].std().item<float>(), 0.03 * Math.Sqrt(2.0 / fan));
        Assert.Equal(0, state[name].mean().item<float>(), 0.01 * Math.Sqrt(2.0 / fan) * 10);
        Assert.All(state.Where(t => t.Key.Contains("running_mean", StringComparison.Ordinal)), t =>
            Assert.Equal(0, t.Value.abs().max().item<float>()));
        Assert.All(state.Where(t => t.Value.Dimensions == 1 && t.Key.EndsWith("weight", StringComparison.Ordinal)), t =>
            Assert.Equal(1, t.Value.min().item<float>()));
    }

    [Fact]
    public void Create_ADenseNet_HasNoBiasInItsNewHead()
    {
        using var network = BackboneCatalog.Create("densenet121", classes: 5, seed: 7);

        Assert.Equal(5, network.Classes);
        Assert.Equal(0, network.Head.bias!.abs().max().item<float>());
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Create_SameSeedOnManyThreads_MakesTheSameNetwork()
    {
        var sums = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Fingerprint(seed: 3))));

        Assert.Single(sums.Distinct());
        Assert.NotEqual(sums[0], Fingerprint(seed: 4));
    }

    // TorchSharp's own count of tensors rises by one per parameter here, so memory itself is looked at: 45 MB each.
    [Fact]
    [Trait("Speed", "Slow")]
    public void Dispose_OfManyNetworks_GivesTheirMemoryBack()
    {
        Fingerprint(seed: 1);
        var before = Environment.WorkingSet;
        for (var i = 0; i < 12; i++)
        {
            using var network = BackboneCatalog.Create("resnet18", classes: 2, seed: 1);
        }

        Assert.True(Environment.WorkingSet - before < 200_000_000, $"{before} to {Environment.WorkingSet} bytes");
    }

    [Theory]
    [InlineData("vgg16")]
    [InlineData("DenseNet121")]
    [InlineData("")]
    public void Create_AnUnknownArchitecture_NamesTheKnownOnes(string architecture)
    {
        var refusal = Assert.Throws<ArgumentException>(() => BackboneCatalog.Create(architecture, classes: 2, seed: 1));

        Assert.Contains("densenet169", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_WithOneClass_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => BackboneCatalog.Create("resnet18", classes: 1, seed: 1));

    static int Rank(string stage) => stage switch { "stem" => 0, "head" => 9, _ => stage[^1] - '0' };

    static double Fingerprint(long seed)
    {
        using var scope = NewDisposeScope();
        using var network = BackboneCatalog.Create("resnet18", classes: 2, seed);
        return network.parameters().Sum(p => p.to_type(ScalarType.Float64).abs().sum().item<double>());
    }
}
