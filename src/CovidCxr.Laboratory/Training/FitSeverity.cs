using System.Globalization;
using CovidCxr.Engine.Severity;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Severity;
using CovidCxr.Learning.Training;
using CovidCxr.Statistics;

namespace CovidCxr.Laboratory.Training;

/// <summary>Writes a model anew with a head that reads severity off its features, fitted to films that radiologists scored.</summary>
public static class FitSeverity
{
    public static Task<FitSeverityResult> RunAsync(FitSeverityRequest request, Action<string> note, CancellationToken cancellation) =>
        TrainingWork.RunAsync<FitSeverityResult>(
            () => Run(request, SeverityConfiguration.FromJson(File.ReadAllText(request.ConfigurationPath)), note, cancellation),
            message => new FitSeverityResult.Refused(message), "Interrupted: nothing was written.", cancellation);

    static FitSeverityResult Run(
        FitSeverityRequest request, SeverityConfiguration configuration, Action<string> note, CancellationToken cancellation)
    {
        var scores = configuration.ReadScores(request.DataFolder);
        var data = DataSet.LoadForTest(
            configuration.Data, request.DataFolder, configuration.Classes, PreprocessingPreset.Square(64), PixelCache.Default(), null,
            cancellation);
        var sources = configuration.LungScores ?? [];
        var lungScores = sources.Select(s => s.ReadScores(request.DataFolder)).ToList();
        var films = data.Samples.Select(sample =>
        {
            var name = Path.GetFileName(sample.Image.File.Path);
            return new FilmToScore(
                sample.Group, () => Read(Path.Combine(request.DataFolder, sample.Image.File.Path)), scores.GetValueOrDefault(name),
                [.. lungScores.Select(s => s.GetValueOrDefault(name)?[0])]);
        }).Where(f => f.Zones is not null || f.Scores.Any(s => s is not null)).ToList();
        var zoned = films.FindAll(f => f.Zones is not null);
        var patients = Patients(zoned);
        note($"{zoned.Count} films of {patients} patients have a score.");
        if (patients < configuration.Folds)
        {
            return new FitSeverityResult.Refused($"Films of {patients} patients have a score: too few for {configuration.Folds} folds.");
        }

        foreach (var (source, at) in sources.Select((s, i) => (s, i)))
        {
            if (Patients(films.FindAll(f => f.Scores[at] is not null)) < configuration.Folds)
            {
                return new FitSeverityResult.Refused($"Too few patients have a score of '{source.Name}' for {configuration.Folds} folds.");
            }
        }

        var (head, figures, fits) = SeverityTraining.Run(
            request.ModelPath, films, [.. sources.Select(s => new LungScale(s.Name, s.Max))], configuration.Penalty, configuration.Folds,
            configuration.Seed, cancellation);
        string[] words = [.. Words(figures, zoned.Count, patients, configuration.Folds), .. fits.SelectMany(Words)];
        var model = ModelFile.Read(request.ModelPath);
        ModelFile.Write(
            request.OutputPath, model.Header with { Severity = head with { Figures = words } }, model.Tensors, inHalfPrecision: false);
        return new FitSeverityResult.Written(request.OutputPath, words);
    }

    static int Patients(List<FilmToScore> films) => films.Select(f => f.Group).Distinct().Count();

    static GreyImage Read(string path) => TrainingDecoders.Here.Films.Decode(File.ReadAllBytes(path)) is DecodeResult.Decoded decoded
        ? decoded.Image
        : throw new DataSetException($"'{Path.GetFileName(path)}' can no longer be read.");

    static string[] Words(SeverityFigures figures, int films, int patients, int folds) =>
    [
        $"Against radiologists on {films} films of {patients} patients, {folds} folds by patient, 95% intervals by patient:",
        $"error of a zone (0 to 3) {In(figures.ZoneError)}; two radiologists differ by 0.41;",
        $"quadratic kappa of the zones {In(figures.ZoneKappa)}; two radiologists reach 0.79;",
        $"error of the sum (0 to 18) {In(figures.Sum.Error)}; two radiologists differ by 1.94;",
        $"correlation of the sum {In(figures.Sum.Correlation)}; two radiologists reach 0.87;",
        Order(figures.Sum),
        string.Create(CultureInfo.InvariantCulture, $"nine of ten sums lie within {figures.Sum.ErrorOfNine:F1} of the radiologists'."),
    ];

    static IEnumerable<string> Words(LungScoreFit fit) =>
    [
        string.Create(
            CultureInfo.InvariantCulture,
            $"{fit.Head.Name} (0 to {fit.Head.Max}) on {fit.Films} films of {fit.Patients} patients: error {In(fit.Figures.Error)}, ")
            + $"correlation {In(fit.Figures.Correlation)};",
        Order(fit.Figures),
        string.Create(CultureInfo.InvariantCulture, $"nine of ten lie within {fit.Figures.ErrorOfNine:F1} of the radiologists'."),
    ];

    static string Order(ScoreFigures figures) => figures.Pairs == 0
        ? "no patient has two films that differ;"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"direction of change right in {In(figures.Order)} of {figures.Pairs} pairs of films of one patient;");

    static string In(Estimate e) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(e.Value is { } v ? v.ToString("F2", CultureInfo.InvariantCulture) : "unknown")} ({e.Lower:F2} to {e.Upper:F2})");
}

/// <param name="ModelPath">A model file; it is not changed.</param>
/// <param name="DataFolder">Where the sources' paths start.</param>
/// <param name="OutputPath">Gets the model with severity.</param>
public sealed record FitSeverityRequest(string ConfigurationPath, string DataFolder, string ModelPath, string OutputPath);

public abstract record FitSeverityResult
{
    private FitSeverityResult()
    {
    }

    /// <param name="Figures">How well it does, in words.</param>
    public sealed record Written(string Path, IReadOnlyList<string> Figures) : FitSeverityResult;

    public sealed record Refused(string Message) : FitSeverityResult;
}
