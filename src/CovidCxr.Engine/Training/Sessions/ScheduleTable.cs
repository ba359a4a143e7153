using CovidCxr.Engine.Backbones;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Optimization;
using CovidCxr.Learning.Training;

namespace CovidCxr.Engine.Training.Sessions;

/// <summary>What a run will do to every layer at every iteration, before it is run.</summary>
public static class ScheduleTable
{
    /// <summary>Rows by iteration, then layer.</summary>
    /// <param name="stepsPerEpoch">T, at least 1.</param>
    public static IEnumerable<ScheduleRow> Rows(TrainingConfiguration options, long stepsPerEpoch)
    {
        using var network = BackboneCatalog.Create(options.Architecture, options.Classes.Count, options.Seed);
        var layers = network.Layers.Select(l => (l.Name, l.Stage)).ToList();
        var groups = Schedule.Groups(layers.Select(l => l.Stage), options.Schedule.Grouping);
        var run = options.Epochs * stepsPerEpoch;
        for (long i = 0; i < run; i++)
        {
            for (var layer = 0; layer < layers.Count; layer++)
            {
                var (rate, momentum) = Schedule.At(options.Schedule, groups[layer], groups[^1] + 1, i, stepsPerEpoch, run);
                yield return new(i, (int)(i / stepsPerEpoch) + 1, layer, layers[layer].Name, layers[layer].Stage, rate, momentum);
            }
        }
    }

    /// <summary>T: the steps of an epoch over the data's training part, balanced as the options say.</summary>
    public static long StepsPerEpoch(TrainingConfiguration options, DataSet data)
    {
        var train = data.Of(DataPart.Train);
        var length = EpochPlan.Order(
            [.. train.Select(s => s.Class)], [.. train.Select(s => s.Image.File.Source)], options.Balance, options.Seed, epoch: 0).Length;
        return EpochPlan.Steps(length, options.BatchSize);
    }
}
