using System.Security.Cryptography;
using System.Text;
using CovidCxr.Learning.Files;
using CovidCxr.Learning.Onnx;

namespace CovidCxr.Learning.Checkpoints;

/// <summary>
/// A trained network in a file: safetensors with torchvision's names, and the <see cref="ModelHeader"/> as JSON in its metadata.
/// Weights may be stored in half precision; batch-norm statistics never are.
/// </summary>
public sealed record ModelFile(ModelHeader Header, IReadOnlyDictionary<string, StoredTensor> Tensors, string Sha256)
{
    const string HeaderKey = "covidcxr", TrainedKey = "covidcxr.trained";

    /// <exception cref="ModelFileException">Not a model file of this project, or a damaged one.</exception>
    public static ModelFile Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFileException("The model file cannot be read.", e);
        }

        var (tensors, metadata) = SafetensorsFile.Parse(bytes);
        return new(HeaderOf(metadata), tensors, Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    /// <summary>A reader sees the old file or the whole new one.</summary>
    public static void Write(string path, ModelHeader header, IReadOnlyDictionary<string, StoredTensor> tensors, bool inHalfPrecision)
    {
        var stored = inHalfPrecision ? InHalfPrecision(tensors) : tensors;
        var metadata = new Dictionary<string, string> { [HeaderKey] = header.ToJson() };
        if (header.TrainedImages is { } trained)
        {
            metadata[TrainedKey] = trained.ToJson();
        }

        DurableFile.Write(path, stream => SafetensorsFile.Write(stream, stored, metadata));
    }

    /// <summary>As a file in half precision holds them.</summary>
    public static IReadOnlyDictionary<string, StoredTensor> InHalfPrecision(IReadOnlyDictionary<string, StoredTensor> tensors) =>
        tensors.ToDictionary(t => t.Key, t => IsStatistic(t.Key) ? t.Value : t.Value.ToHalf(), StringComparer.Ordinal);

    /// <summary>The weights as float32 arrays, as an ONNX graph takes them.</summary>
    public IReadOnlyDictionary<string, WeightTensor> ToWeights() =>
        Tensors.Where(t => t.Value.Type != "I64").ToDictionary(t => t.Key, t => new WeightTensor(t.Value.Shape, t.Value.ToFloats()));

    /// <summary>
    /// Of the weights alone, in half precision: the same for a file with another header, and for one that stores them in another precision.
    /// </summary>
    /// <returns>Lower-case hexadecimal SHA-256.</returns>
    public string WeightsHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, tensor) in Tensors.Where(t => t.Value.Type.Contains('F')).OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name} {string.Join(',', tensor.Shape)}\n"));
            hash.AppendData((tensor.Type == "F16" ? tensor : tensor.ToHalf()).Data.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    static bool IsStatistic(string name) =>
        name.Contains("running_", StringComparison.Ordinal) || name.EndsWith("num_batches_tracked", StringComparison.Ordinal);

    static ModelHeader HeaderOf(IReadOnlyDictionary<string, string> metadata) =>
        metadata.TryGetValue(HeaderKey, out var json)
            ? ModelHeader.FromJson(json) with
            {
                TrainedImages = metadata.TryGetValue(TrainedKey, out var trained) ? TrainedImages.FromJson(trained) : null,
            }
            : throw new ModelFileException("The file holds weights but no CovidCxr header. Import it with `model import`.");
}
