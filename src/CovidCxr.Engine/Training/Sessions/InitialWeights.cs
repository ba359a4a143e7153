using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Networks;
using CovidCxr.Learning.Training;

namespace CovidCxr.Engine.Training.Sessions;

/// <summary>Starts a network from another's weights.</summary>
public static class InitialWeights
{
    /// <summary>Loads what the options name; where they name nothing, the network keeps its random start.</summary>
    /// <param name="note">Told where a head for other classes, or the same in another order, keeps its random start.</param>
    /// <exception cref="ModelFileException">The file is no such model.</exception>
    public static void Load(Backbone network, TrainingConfiguration options, Action<string> note)
    {
        if (options.InitialModel == ImageNetWeights.Name)
        {
            StateDict.Load(network, ImageNet(network, options));
            note("The network starts from ImageNet's weights, its head at random.");
        }
        else if (options.InitialModel is { } path && !TakesHead(network, path, options))
        {
            note("The initial model knows other classes: the head starts at random.");
        }
    }

    static Dictionary<string, StoredTensor> ImageNet(Backbone network, TrainingConfiguration options)
    {
        var shape = NetworkCatalog.Find(options.Architecture).Shape;
        var tensors = ImageNetWeights.Has(shape)
            ? ImageNetWeights.Read(Path.Combine(AppContext.BaseDirectory, ImageNetWeights.File), shape)
            : throw new TrainingException(
                $"ImageNet's weights come with this program for {string.Join(" and ", ImageNetWeights.Architectures)} only. "
                    + ImageNetWeights.HowToGet(options.Architecture, options.Classes));
        return WithOwnHead(network, tensors);
    }

    static Dictionary<string, StoredTensor> WithOwnHead(Backbone network, IReadOnlyDictionary<string, StoredTensor> tensors)
    {
        var complete = tensors.ToDictionary(StringComparer.Ordinal);
        foreach (var (name, own) in StateDict.Save(network).Where(
            t => t.Key.StartsWith(network.HeadName + ".", StringComparison.Ordinal)))
        {
            complete[name] = own;
        }

        return complete;
    }

    static bool TakesHead(Backbone network, string path, TrainingConfiguration options)
    {
        if (!File.Exists(path))
        {
            throw new ModelFileException(
                $"The initial model {path} is not there. {ImageNetWeights.HowToGet(options.Architecture, options.Classes)}");
        }

        var model = ModelFile.Read(path);
        var takesHead = model.Header.Classes.SequenceEqual(options.Classes);
        StateDict.Load(network, takesHead ? model.Tensors : WithOwnHead(network, model.Tensors));
        return takesHead;
    }
}
