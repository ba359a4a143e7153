using TorchSharp;

namespace CovidCxr.Learning.Backbones;

/// <summary>The networks of method, section 4, by name.</summary>
public static class BackboneCatalog
{
    static readonly Dictionary<string, Func<int, Backbone>> Factories = new(StringComparer.Ordinal)
    {
        ["resnet18"] = classes => new ResNet("resnet18", [2, 2, 2, 2], isBottleneck: false, classes),
        ["resnet50"] = classes => new ResNet("resnet50", [3, 4, 6, 3], isBottleneck: true, classes),
        ["resnet152"] = classes => new ResNet("resnet152", [3, 8, 36, 3], isBottleneck: true, classes),
        ["densenet121"] = classes => new DenseNet("densenet121", [6, 12, 24, 16], classes),
        ["densenet169"] = classes => new DenseNet("densenet169", [6, 12, 32, 32], classes),
    };

    public static IReadOnlyCollection<string> Names => Factories.Keys;

    /// <summary>A network with torchvision's initialisation, drawn from the seed.</summary>
    /// <param name="classes">At least 2.</param>
    /// <exception cref="ArgumentException">No such architecture.</exception>
    public static Backbone Create(string architecture, int classes, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        if (!Factories.TryGetValue(architecture, out var create))
        {
            throw new ArgumentException($"There is no architecture '{architecture}'; there are {string.Join(", ", Names)}.", nameof(architecture));
        }

        // The generator is the process's: two networks made at once would draw each other's numbers.
        lock (Factories)
        {
            torch.random.manual_seed(seed);
            return create(classes);
        }
    }
}
