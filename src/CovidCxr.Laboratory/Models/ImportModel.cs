using CovidCxr.Engine.Checkpoints;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Networks;

namespace CovidCxr.Laboratory.Models;

/// <summary>
/// Makes a model file of another program's weights: a start for training, or a network trained elsewhere. Nothing is executed or measured.
/// </summary>
public static class ImportModel
{
    const double DefaultThreshold = 0.5;

    public static async Task<ImportModelResult> RunAsync(ImportModelRequest request, CancellationToken cancellation)
    {
        if (Check(request) is { } objection)
        {
            return new ImportModelResult.Refused(objection);
        }

        try
        {
            return await Task.Run(() => Run(request), cancellation);
        }
        catch (Exception e) when (e is ModelFileException or IOException or UnauthorizedAccessException)
        {
            return new ImportModelResult.Refused(e.Message);
        }
    }

    static ImportModelResult.Imported Run(ImportModelRequest request)
    {
        var weights = ImportedWeights.Read(request.Path, request.Architecture, request.Classes.Count);
        var header = new ModelHeader(
            request.Name ?? $"Imported {weights.Architecture}", weights.Architecture, request.Classes, PositiveClass: 0, DefaultThreshold,
            PreprocessingPreset.Square(request.ImageSize), Training: null, Metrics: [], Card(weights, Path.GetFileName(request.Path)),
            new Dictionary<string, string> { [".NET"] = Environment.Version.ToString() });
        ModelFile.Write(request.OutputPath, header, weights.Tensors, inHalfPrecision: false);
        return new(request.OutputPath, weights.Architecture, weights.HeadClasses, weights.KeepsHead);
    }

    static ModelCard Card(ImportedWeights weights, string fileName) => new(
        weights.KeepsHead
            ? "Weights of another program, to be measured here before anybody looks at what they say. Never a diagnosis."
            : "A start for training, and nothing else: the head is new and random, so its answers mean nothing.",
        [
            "Imported, not trained here: which data it has seen is not known.",
            "Not measured: no accuracy of any kind is known, and the threshold of 0.5 and the preprocessing are defaults, not choices.",
            .. weights.KeepsHead
                ? ["The order of the classes is what was said at the import; the file does not hold it."]
                : Array.Empty<string>(),
        ],
        [$"Imported from {fileName}"],
        "Follows from the licence of the imported weights and of the data behind them.");

    static string? Check(ImportModelRequest request) => request switch
    {
        _ when request.Architecture is { } name && !NetworkCatalog.Names.Contains(name) =>
            $"There is no architecture '{name}'; there are {string.Join(", ", NetworkCatalog.Names)}.",
        { Classes.Count: < 2 or > 100 } => "Name 2 to 100 classes, the positive one first.",
        _ when request.Classes.Any(
            string.IsNullOrWhiteSpace) || request.Classes.Distinct(StringComparer.Ordinal).Count() != request.Classes.Count =>
            "The classes need different names.",
        { ImageSize: < 32 or > 1024 } => "The image size must be 32 to 1024 pixels.",
        _ when !File.Exists(request.Path) =>
            $"There is no file {request.Path}. {ImageNetWeights.HowToGet(request.Architecture ?? "densenet121", request.Classes)}",
        _ => null,
    };
}

/// <param name="Path">A .pth or .safetensors state dict of torchvision's networks.</param>
/// <param name="Architecture">Null to recognise it.</param>
/// <param name="Classes">In the order of the logits, the positive one first.</param>
/// <param name="OutputPath">Replaced where it exists.</param>
/// <param name="Name">For people; null for a plain one.</param>
/// <param name="ImageSize">Pixels of each side, 32 to 1024.</param>
public sealed record ImportModelRequest(
    string Path, string? Architecture, IReadOnlyList<string> Classes, string OutputPath, string? Name = null, int ImageSize = 224);

public abstract record ImportModelResult
{
    private ImportModelResult()
    {
    }

    /// <param name="HeadClasses">Of the head in the file; null where it had none.</param>
    /// <param name="KeepsHead">Whether the file's head was taken; else it is new and random.</param>
    public sealed record Imported(string ModelPath, string Architecture, long? HeadClasses, bool KeepsHead) : ImportModelResult;

    public sealed record Refused(string Message) : ImportModelResult;
}
