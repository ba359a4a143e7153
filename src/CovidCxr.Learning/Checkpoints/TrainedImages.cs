using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Duplicates;

namespace CovidCxr.Learning.Checkpoints;

/// <summary>An image as a model remembers it. No picture and no patient can be made of it.</summary>
/// <param name="PixelHash">The first half of <see cref="PreparedImage.PixelHash"/>: 32 hexadecimal digits.</param>
/// <param name="Look">Null where only the pixels' hash was known.</param>
public readonly record struct TrainedImage(string PixelHash, PerceptualHash? Look);

/// <summary>
/// The images that a model was trained on, and those that the models were which it started from: whoever measures it leaves them out.
/// 64 bytes of the model file for each.
/// </summary>
/// <param name="Images">Each once.</param>
/// <param name="Sources">The collections that they came from.</param>
/// <param name="Unknown">In words, one for each model among the ancestors whose images are not known; empty where all are.</param>
public sealed record TrainedImages(IReadOnlyList<TrainedImage> Images, IReadOnlyList<string> Sources, IReadOnlyList<string> Unknown)
{
    const int PixelDigits = 32, PixelBytes = PixelDigits / 2, Bytes = PixelBytes + 32;

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    // A manifest as training writes it beside its model.
    const string ManifestFile = "manifest.json";

    public static readonly TrainedImages None = new([], [], []);

    sealed record Stored(IReadOnlyList<string> Sources, IReadOnlyList<string> Unknown, string Images);

    /// <summary>What a training will have seen in the end.</summary>
    /// <param name="trained">Its own training images.</param>
    /// <param name="initialModel">The model file that it starts from; null for a random start.</param>
    public static TrainedImages Of(IReadOnlyList<Sample> trained, string? initialModel)
    {
        // ImageNet has no X-rays of the chest.
        var before = initialModel is null or ImageNetWeights.Name ? None : OfModel(initialModel);
        var own = trained.Select(s => new TrainedImage(Digits(s.Image.PixelHash), s.Image.Hash));
        return new(
            [.. own.Concat(before.Images).DistinctBy(i => i.PixelHash)],
            [.. trained.Select(s => s.Image.File.Source).Concat(before.Sources).Distinct(StringComparer.Ordinal).Order(
                StringComparer.Ordinal)],
            before.Unknown);
    }

    /// <summary>
    /// What a model file says that it was trained on; for one that says nothing, what the manifest beside it says. Where neither is there,
    /// that is said.
    /// </summary>
    public static TrainedImages OfModel(string path)
    {
        try
        {
            var header = ModelFile.Read(path).Header;
            return header.TrainedImages ?? (header.Training is { } training && TryReadManifest(path, training) is { } manifest
                ? Of(manifest)
                : new([], [], [Nothing(header)]));
        }
        catch (ModelFileException)
        {
            return new([], [], ["The model that it started from is no longer there to say what it was trained on."]);
        }
    }

    /// <summary>The manifest that training wrote beside a model; null where it is absent or another one.</summary>
    public static DataManifest? TryReadManifest(string modelPath, TrainingSummary training)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(modelPath))!, ManifestFile);
        try
        {
            var manifest = File.Exists(path) ? JsonSerializer.Deserialize<DataManifest>(File.ReadAllText(path), Json) : null;
            return manifest?.Hash() == training.ManifestHash ? manifest : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static TrainedImages Of(DataManifest manifest) => new(
        [.. manifest.Entries.Where(e => e.Part == DataSet.PartName(DataPart.Train)).Select(
            e => new TrainedImage(Digits(e.PixelHash), null)).DistinctBy(i => i.PixelHash)],
        [], []);

    static string Nothing(ModelHeader header) => header.Training is null
        ? $"'{header.Name}', which it started from, was not trained here: what its weights have seen is not known."
        : $"'{header.Name}', which it started from, does not say which images it was trained on.";

    /// <summary>The first half of a pixel hash, as an image here has it.</summary>
    public static string Digits(string pixelHash) => pixelHash.Length > PixelDigits ? pixelHash[..PixelDigits] : pixelHash;

    public string ToJson()
    {
        var bytes = new byte[Images.Count * Bytes];
        for (var i = 0; i < Images.Count; i++)
        {
            var place = bytes.AsSpan(i * Bytes, Bytes);
            Convert.FromHexString(Images[i].PixelHash.PadLeft(PixelDigits, '0')).CopyTo(place);
            // A picture of one grey has this hash as well, and is nobody's duplicate.
            var look = Images[i].Look ?? default;
            ulong[] words = [look.A, look.B, look.C, look.D];
            for (var w = 0; w < words.Length; w++)
            {
                BinaryPrimitives.WriteUInt64BigEndian(place[(PixelBytes + (8 * w))..], words[w]);
            }
        }

        return JsonSerializer.Serialize(new Stored(Sources, Unknown, Base64Url.EncodeToString(bytes)), Json);
    }

    /// <exception cref="ModelFileException">Not what <see cref="ToJson"/> writes.</exception>
    public static TrainedImages FromJson(string json)
    {
        try
        {
            var stored = JsonSerializer.Deserialize<Stored>(json, Json);
            var bytes = stored is null ? null : Base64Url.DecodeFromChars(stored.Images);
            return bytes is not null && bytes.Length % Bytes == 0 && stored!.Sources.All(s => s is not null)
                && stored.Unknown.All(u => u is not null)
                ? new([.. Enumerable.Range(0, bytes.Length / Bytes).Select(i => Read(bytes.AsSpan(i * Bytes, Bytes)))], stored.Sources,
                    stored.Unknown)
                : throw new ModelFileException("The model's list of training images is damaged.");
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new ModelFileException("The model's list of training images is damaged.", e);
        }
    }

    static TrainedImage Read(ReadOnlySpan<byte> place)
    {
        var look = PerceptualHash.Parse(Convert.ToHexStringLower(place[PixelBytes..]));
        return new(Convert.ToHexStringLower(place[..PixelBytes]), look == default ? null : look);
    }
}
