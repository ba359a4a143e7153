using CovidCxr.Learning.Data;

namespace CovidCxr.Learning.Training;

/// <summary>What the network that finds lungs is trained on; the file that `train-lungs --config` reads.</summary>
/// <param name="Classes">Those of the sources' films; they do not matter here, but the sources name them.</param>
/// <param name="Epochs">1 to 1000.</param>
public sealed record LungConfiguration(DataSetOptions Data, IReadOnlyList<string> Classes, int Epochs = 25, long Seed = 1)
{
    /// <exception cref="TrainingException">The text is not such a configuration, or a value is out of range; the message names
    /// it.</exception>
    public static LungConfiguration FromJson(string json)
    {
        return TrainingConfiguration.Parse<LungConfiguration>(json) switch
        {
            { Data: null } or { Classes: null } => throw new TrainingException("Configuration: data and classes are needed."),
            { Epochs: < 1 or > 1000 } => throw new TrainingException("Configuration: epochs must be 1 to 1000."),
            var configuration => configuration,
        };
    }
}
