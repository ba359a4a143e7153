using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Testing;

namespace CovidCxr.Engine.Tests;

/// <summary>Untrained model files with weights that are not trivial.</summary>
static class Models
{
    /// <summary>Writes a network with the seed's weights in half precision.</summary>
    public static string Write(string folder, string name, long seed, int size = 64)
    {
        using var network = BackboneCatalog.Create("resnet18", 2, seed);
        var path = Path.Combine(folder, name + ".safetensors");
        ModelFile.Write(path, TestHeader.Of(size: size, name: name), StateDict.Save(network), inHalfPrecision: true);
        return path;
    }
}
