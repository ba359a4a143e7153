using CovidCxr.Learning.Networks;
using TorchSharp;

namespace CovidCxr.Engine.Backbones;

/// <summary>Makes the networks of the catalogue.</summary>
public static class BackboneCatalog
{
    // With its constructor a family's record is whole.
    static readonly Dictionary<NetworkFamily, Func<NetworkShape, int, Backbone>> Constructors = new()
    {
        [ResNetFamily.Family] = (shape, classes) => new ResNet(shape, classes),
        [DenseNetFamily.Family] = (shape, classes) => new DenseNet(shape, classes),
    };

    /// <summary>A network with torchvision's initialisation, drawn from the seed.</summary>
    /// <param name="classes">At least 2.</param>
    /// <exception cref="ArgumentException">No such architecture.</exception>
    public static Backbone Create(string architecture, int classes, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        var (family, shape) = NetworkCatalog.Find(architecture);
        // The generator is the process's: two networks made at once would draw each other's numbers.
        lock (Constructors)
        {
            torch.random.manual_seed(seed);
            return Constructors[family](shape, classes);
        }
    }
}
