using CovidCxr.Engine.Backbones;
using CovidCxr.Learning.Checkpoints;

namespace CovidCxr.Engine.Checkpoints;

/// <summary>From a model file to a network that computes.</summary>
public static class ModelNetwork
{
    /// <summary>The network of the file, in float32 on the CPU, in evaluation mode.</summary>
    /// <exception cref="ModelFileException">Weights are missing, superfluous or of another shape than the architecture's.</exception>
    public static Backbone ToNetwork(this ModelFile file)
    {
        Backbone network;
        try
        {
            network = BackboneCatalog.Create(file.Header.Architecture, file.Header.Classes.Count, seed: 0);
        }
        catch (ArgumentException e)
        {
            throw new ModelFileException(e.Message, e);
        }

        StateDict.Load(network, file.Tensors);
        network.eval();
        return network;
    }
}
