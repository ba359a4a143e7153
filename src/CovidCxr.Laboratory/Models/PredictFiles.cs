using CovidCxr.Domain.Studies;
using CovidCxr.Engine.Serving;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Dicom;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Severity;

namespace CovidCxr.Laboratory.Models;

/// <summary>
/// Reads image files with a model, one after the other, without a database: nothing is stored but heat maps that were asked for.
/// </summary>
public sealed class PredictFiles(TimeProvider time)
{
    const float OverlayOpacity = 0.6f;

    readonly ScanDecoder _decoder = new(new ImagingOptions());

    /// <param name="report">Told of each file as soon as it is done.</param>
    public async Task<PredictFilesResult> RunAsync(
        PredictFilesRequest request, Action<FilePrediction> report, CancellationToken cancellation)
    {
        var modelPath = request.ModelPath ?? StarterModel.Path;
        await using var host = new ModelHost(new ServingOptions { MaxBatch = 1 }, time);
        try
        {
            if (!File.Exists(modelPath))
            {
                return new PredictFilesResult.Refused($"There is no model file {modelPath}.");
            }

            await host.SwapAsync(modelPath, cancellation);
            if (request.HeatMapFolder is not null)
            {
                Directory.CreateDirectory(request.HeatMapFolder);
            }
        }
        catch (Exception e) when (e is ModelFileException or IOException or UnauthorizedAccessException)
        {
            return new PredictFilesResult.Refused(e.Message);
        }

        using var serving = new InferenceService(host);
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var files = new List<FilePrediction>();
        foreach (var (path, missing) in request.Files.SelectMany(MediumFiles.Of))
        {
            files.Add(missing is not null
                ? FilePrediction.Failed(path, missing)
                : await PredictAsync(path, serving, HeatMapPath(request.HeatMapFolder, path, names), request.EvenWithheld, cancellation));
            report(files[^1]);
        }

        var (header, sha256) = serving.Model!.Value;
        return new PredictFilesResult.Done(
            header.Name, header.Architecture, sha256, serving.Device, header.Classes[header.PositiveClass], header.Threshold, files);
    }

    async Task<FilePrediction> PredictAsync(
        string path, InferenceService serving, string? heatMapPath, bool evenWithheld, CancellationToken cancellation)
    {
        try
        {
            return Decode(path) switch
            {
                DecodeResult.Decoded { Header: { } header } when !evenWithheld && ReasonToWithhold(header) is { } reason =>
                    new(path, [], null, null, null, null) { Withheld = reason },
                DecodeResult.Decoded film => await PredictAsync(path, film, serving, heatMapPath, evenWithheld, cancellation),
                DecodeResult.Refused refused => FilePrediction.Failed(path, refused.Message),
                _ => FilePrediction.Failed(path, "The file cannot be decoded."),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return FilePrediction.Failed(path, e.Message);
        }
    }

    // As in the clinic: what a header says is believed.
    static string? ReasonToWithhold(DicomHeader header) => ScoreRules.ReasonToWithhold(
        header.AgeYears, ScoreRules.ViewOf(header.View), header.Modality, header.BodyPart, header.PresentationIntent);

    static async Task<FilePrediction> PredictAsync(
        string path, DecodeResult.Decoded film, InferenceService serving, string? heatMapPath, bool evenWithheld,
        CancellationToken cancellation)
    {
        var image = film.Image;
        var inference = await serving.RunAsync(image, InferencePriority.Batch, cancellation);
        if (inference.Guard.Withholds && !evenWithheld)
        {
            return new(path, [], null, inference.Elapsed.TotalMilliseconds, null, null) { Withheld = inference.Guard.Reason };
        }

        var classes = inference.Model.Classes;
        var prediction = classes[inference.PredictedIndex];
        if (heatMapPath is not null)
        {
            var map = inference.HeatMaps[inference.PredictedIndex];
            await File.WriteAllBytesAsync(
                heatMapPath, OverlayRenderer.RenderPng(image, map.Values, map.Width, map.Height, OverlayOpacity), cancellation);
        }

        return new(
            path, [.. classes.Zip(inference.Probabilities, (c, p) => new ClassProbability(c, p))], prediction,
            inference.Elapsed.TotalMilliseconds, heatMapPath, Error: null)
        {
            Withheld = (film.Header is { } header ? ReasonToWithhold(header) : null) ?? inference.Guard.Reason,
            Severity = inference.Severity,
            InLungs = inference.InLungs,
        };
    }

    DecodeResult Decode(string path)
    {
        // The limit is checked before the file is in memory.
        var length = new FileInfo(path).Length;
        var limit = new ImagingOptions();
        return length > limit.MaxFileBytes
            ? new DecodeResult.Refused(RefusalReason.FileTooLarge, $"The file is larger than {limit.MaxFileMegabytes} MB.")
            : _decoder.Decode(File.ReadAllBytes(path));
    }

    // a.png of two folders: a.png.heatmap.png and a.png-2.heatmap.png.
    static string? HeatMapPath(string? folder, string path, HashSet<string> taken)
    {
        if (folder is null)
        {
            return null;
        }

        var name = Path.GetFileName(path);
        var candidate = name;
        for (var number = 2; !taken.Add(candidate); number++)
        {
            candidate = $"{name}-{number}";
        }

        return Path.Combine(folder, candidate + ".heatmap.png");
    }
}

/// <param name="Files">Read in this order; a DICOMDIR stands for the films that it names.</param>
/// <param name="ModelPath">Null for the starter model.</param>
/// <param name="HeatMapFolder">Gets a PNG per file: the predicted class's heat map over the X-ray. Null for none.</param>
/// <param name="EvenWithheld">Scores also what the header or the guard speaks against.</param>
public sealed record PredictFilesRequest(
    IReadOnlyList<string> Files, string? ModelPath, string? HeatMapFolder, bool EvenWithheld = false);

/// <param name="Probability">0..1; those of a file sum to 1.</param>
public sealed record ClassProbability(string Class, double Probability);

/// <param name="Probabilities">One per class, in the model's order; empty on error and where the score is withheld.</param>
/// <param name="Prediction">The predicted class; null likewise.</param>
/// <param name="Milliseconds">Preprocessing, forward pass and heat maps; null where the network was not asked.</param>
/// <param name="HeatMap">The PNG that was written.</param>
/// <param name="Error">Null where all went well.</param>
public sealed record FilePrediction(
    string File, IReadOnlyList<ClassProbability> Probabilities, string? Prediction, double? Milliseconds, string? HeatMap, string? Error)
{
    /// <summary>Why the file's header or the guard speaks against a score, as a sentence; null where neither does.</summary>
    public string? Withheld { get; init; }

    /// <summary>Null where the model does not say.</summary>
    public SeverityEstimate? Severity { get; init; }

    /// <summary>The part of the heat map inside the lungs, 0..1; null where it is not known.</summary>
    public double? InLungs { get; init; }

    internal static FilePrediction Failed(string file, string error) => new(file, [], null, null, null, error);
}

public abstract record PredictFilesResult
{
    private PredictFilesResult()
    {
    }

    /// <param name="Threshold">At or above it the positive class is predicted.</param>
    public sealed record Done(
        string ModelName, string Architecture, string ModelSha256, string Device, string PositiveClass, double Threshold,
        IReadOnlyList<FilePrediction> Files)
        : PredictFilesResult;

    /// <summary>The model or the folder cannot be used; no file was read.</summary>
    public sealed record Refused(string Message) : PredictFilesResult;
}
