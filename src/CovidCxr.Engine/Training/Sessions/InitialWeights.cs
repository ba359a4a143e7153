using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Learning.Checkpoints;
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
        if (options.InitialModel is { } path && !TakesHead(network, path, options))
        {
            note("The initial model knows other classes: the head starts at random.");
        }
    }

    static bool TakesHead(Backbone network, string path, TrainingConfiguration options)
    {
        if (!File.Exists(path))
        {
            throw new ModelFileException(
                $"The initial model {path} is not there. {ImageNetWeights.HowToGet(options.Architecture, options.Classes)}");
        }

        var model = ModelFile.Read(path);
        var tensors = model.Tensors.ToDictionary(StringComparer.Ordinal);
        var takesHead = model.Header.Classes.SequenceEqual(options.Classes);
        if (!takesHead)
        {
            var own = StateDict.Save(network);
            foreach (var name in own.Keys.Where(n => n.StartsWith(network.HeadName + ".", StringComparison.Ordinal)))
            {
                tensors[name] = own[name];
            }
        }

        StateDict.Load(network, tensors);
        return takesHead;
    }
}
