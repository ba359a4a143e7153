using CovidCxr.Learning.Backbones;
using CovidCxr.Learning.Checkpoints;

namespace CovidCxr.Learning.Training;

/// <summary>Starts a network from another's weights; a head for other classes keeps its random start.</summary>
static class InitialWeights
{
    /// <exception cref="ModelFileException">The file is no such model.</exception>
    public static void Load(Backbone network, string path)
    {
        var tensors = ModelFile.Read(path).Tensors.ToDictionary(StringComparer.Ordinal);
        var own = StateDict.Save(network);
        var weight = network.HeadName + ".weight";
        if (tensors.TryGetValue(weight, out var head) && !head.Shape.SequenceEqual(own[weight].Shape))
        {
            tensors[weight] = own[weight];
            tensors[network.HeadName + ".bias"] = own[network.HeadName + ".bias"];
        }

        StateDict.Load(network, tensors);
    }
}
