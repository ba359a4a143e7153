using CovidCxr.Engine.Guard;
using CovidCxr.Engine.Lungs;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Training;
using CovidCxr.Statistics;

namespace CovidCxr.Laboratory.Training;

/// <summary>Teaches the guard from the films of a training's configuration, of whatever class.</summary>
public static class TrainGuard
{
    public static Task<TrainGuardResult> RunAsync(TrainGuardRequest request, Action<string> note, CancellationToken cancellation) =>
        TrainingWork.RunAsync<TrainGuardResult>(
            () => Run(request, note, cancellation), message => new TrainGuardResult.Refused(message), "Interrupted: nothing was written.",
            cancellation);

    static TrainGuardResult.Written Run(TrainGuardRequest request, Action<string> note, CancellationToken cancellation)
    {
        var configuration = TrainingConfiguration.FromJson(File.ReadAllText(request.ConfigurationPath));
        var (training, groups, film) = Prepare(request, configuration, note, cancellation);
        GuardFigures figures;
        if (request.OutputPath is { } output)
        {
            var result = training.Train(groups, film, cancellation);
            WeightsFile.Write(output, result.Weights.ToDictionary(w => w.Key, w => w.Key == "precision" ? w.Value.ToHalf() : w.Value));
            figures = result.Figures;
        }
        else
        {
            figures = training.Measure(FilmGuard.Default, groups, film, cancellation);
        }

        return new(
            request.OutputPath,
            [.. figures.Withheld.Select(w => new WithheldCount($"{w.Key}", w.Value.Pictures, w.Value.Withheld, Words(w.Value.Area)))],
            Words(figures.Area)!);
    }

    static string? Words(Estimate? area) =>
        area is null ? null : FormattableString.Invariant($"{area.Value:F4} ({area.Lower:F4} to {area.Upper:F4})");

    static (GuardTraining Training, IReadOnlyList<int> Groups, Func<int, GreyImage> Film) Prepare(
        TrainGuardRequest request, TrainingConfiguration configuration, Action<string> note, CancellationToken cancellation)
    {
        var data = DataSet.LoadForTest(
            configuration.Data, request.DataFolder, configuration.Classes, PreprocessingPreset.Square(64), PixelCache.Default(), null,
            cancellation);
        GreyImage Film(int index) =>
            TrainingDecoders.Here.Films.Decode(
                File.ReadAllBytes(Path.Combine(request.DataFolder, data.Samples[index].Image.File.Path)), cancellation)
                is DecodeResult.Decoded decoded
                ? decoded.Image
                : throw new DataSetException($"'{data.Samples[index].Image.File.Path}' can no longer be read.");
        return (new(LungFinder.Default, configuration.Seed, note), [.. data.Samples.Select(s => s.Group)], Film);
    }
}

/// <param name="ConfigurationPath">A training's.</param>
/// <param name="DataFolder">Where its sources' paths start.</param>
/// <param name="OutputPath">Gets the weights; null trains nothing and measures the guard that comes with the program.</param>
public sealed record TrainGuardRequest(string ConfigurationPath, string DataFolder, string? OutputPath);

/// <param name="Kind">What the pictures are.</param>
/// <param name="Withheld">How many of them have no score.</param>
/// <param name="Area">Under the ROC curve that tells them from good films, with its interval, in words; null for good films.</param>
public sealed record WithheldCount(string Kind, int Pictures, int Withheld, string? Area);

public abstract record TrainGuardResult
{
    private TrainGuardResult()
    {
    }

    /// <param name="Path">Null where nothing was trained.</param>
    /// <param name="Counts">For every kind, of pictures of patients that the guard did not learn from.</param>
    /// <param name="Area">As of one kind, of all of them together.</param>
    public sealed record Written(string? Path, IReadOnlyList<WithheldCount> Counts, string Area) : TrainGuardResult;

    public sealed record Refused(string Message) : TrainGuardResult;
}
