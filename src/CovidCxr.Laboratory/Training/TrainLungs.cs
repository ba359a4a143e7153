using CovidCxr.Engine.Lungs;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Networks;
using CovidCxr.Learning.Training;

namespace CovidCxr.Laboratory.Training;

/// <summary>Trains the network that finds lungs on every film that has a mask, or says by folds of patients how well that goes.</summary>
public static class TrainLungs
{
    public static Task<TrainLungsResult> RunAsync(TrainLungsRequest request, Action<string> note, CancellationToken cancellation) =>
        TrainingWork.RunAsync<TrainLungsResult>(
            () => Run(request, LungConfiguration.FromJson(File.ReadAllText(request.ConfigurationPath)), note, cancellation),
            message => new TrainLungsResult.Refused(message), "Interrupted: nothing was written.", cancellation);

    static TrainLungsResult Run(
        TrainLungsRequest request, LungConfiguration configuration, Action<string> note, CancellationToken cancellation)
    {
        var preset = PreprocessingPreset.Square(LungFamily.Side);
        var data = DataSet.LoadForTest(
            configuration.Data, request.DataFolder, configuration.Classes, preset, PixelCache.Default(), null, cancellation);
        var examples = LungMasks.Drawn(data.Samples, request.DataFolder)
            .Select(d => new LungExample(
                d.Sample.Group, d.Sample.Image.Pixels.ToArray(),
                Resizer.Resize(d.Mask.Shares, d.Mask.Width, d.Mask.Height, preset.Width, preset.Height)))
            .ToList();
        var patients = examples.Select(e => e.Group).Distinct().Count();
        note($"{examples.Count} films of {patients} patients have a mask.");
        if (patients < Math.Max(request.Folds, 2))
        {
            return new TrainLungsResult.Refused($"Films of {patients} patients have a mask in '{LungMasks.Folder}': too few.");
        }

        var training = new LungTraining(configuration.Epochs, configuration.Seed, note);
        if (request.Folds > 0)
        {
            var results = training.CrossValidate(examples, request.Folds, cancellation);
            return new TrainLungsResult.Measured([.. results.GroupBy(r => r.Group).Select(g => g.Average(r => r.Dice))]);
        }

        var weights = training.Train(examples, cancellation)
            .ToDictionary(w => w.Key, w => w.Value.Type == "F32" ? w.Value.ToHalf() : w.Value);
        WeightsFile.Write(request.OutputPath, weights);
        return new TrainLungsResult.Written(request.OutputPath);
    }
}

/// <param name="DataFolder">Where the sources' paths start.</param>
/// <param name="OutputPath">Gets the weights, in half precision.</param>
/// <param name="Folds">At least 2: only measures, and writes nothing; 0: trains on all films.</param>
public sealed record TrainLungsRequest(string ConfigurationPath, string DataFolder, string OutputPath, int Folds);

public abstract record TrainLungsResult
{
    private TrainLungsResult()
    {
    }

    public sealed record Written(string Path) : TrainLungsResult;

    /// <param name="Dice">The mean of each patient's films.</param>
    public sealed record Measured(IReadOnlyList<double> Dice) : TrainLungsResult;

    public sealed record Refused(string Message) : TrainLungsResult;
}
