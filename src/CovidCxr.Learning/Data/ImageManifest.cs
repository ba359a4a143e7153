using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CovidCxr.Learning.Duplicates;
using CovidCxr.Learning.Files;

namespace CovidCxr.Learning.Data;

/// <summary>
/// One version of a data set: every image with hashes, class, patient and, once divided, its part. Written once, never changed.
/// </summary>
/// <param name="Split">How the parts came about; null where the images are not divided.</param>
public sealed record ImageManifest(string Name, ManifestSplit? Split, IReadOnlyList<ManifestImage> Images)
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Look-alikes that a person has seen to be different films; null for none.</summary>
    public IReadOnlyList<FilmPair>? DifferentFilms { get; init; }

    /// <param name="hash">What the file's SHA-256 must be; null for any.</param>
    /// <exception cref="DataSetException">The file is absent, damaged or another one.</exception>
    public static ImageManifest Read(string path, string? hash)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            if (hash is not null && hash != HashOf(bytes))
            {
                throw new DataSetException("The data set version's manifest is not the one that was written: its SHA-256 differs.");
            }

            return JsonSerializer.Deserialize<ImageManifest>(bytes, Json)
                ?? throw new DataSetException("The data set version's manifest is empty.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new DataSetException("The data set version's manifest cannot be read.", e);
        }
    }

    /// <returns>Lower-case hexadecimal SHA-256 of what was written.</returns>
    /// <exception cref="IOException">The disk is full or the folder cannot be written.</exception>
    public string Write(string path)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(this, Json);
        DurableFile.Write(path, stream => stream.Write(bytes));
        return HashOf(bytes);
    }

    /// <summary>Divides the readable images anew, class by class; what was augmented from an earlier division is left behind.</summary>
    /// <param name="fractions">Of the patients, or of the images.</param>
    /// <exception cref="DataSetException">The fractions are not shares of one, or a class has too few patients for them.</exception>
    public ImageManifest Divided(SplitFractions fractions, long seed, GroupBy by)
    {
        var (readable, classes, labels, groups) = ToDivide(by);
        var parts = DataSplitter.Split(labels, groups, fractions, seed);
        DataSet.CheckParts(classes, labels, parts);
        var partOf = readable.Zip(parts).ToDictionary(p => p.First.Path, p => p.Second, StringComparer.Ordinal);
        return this with
        {
            Split = new(fractions, seed, by),
            Images = [.. Originals.Select(i => i with { Part = partOf.TryGetValue(i.Path, out var part) ? part : null, Fold = null })],
        };
    }

    /// <summary>As <see cref="Divided"/>, into folds of about equal size: each is tested by a model that the others trained.</summary>
    /// <param name="folds">At least 3.</param>
    /// <exception cref="DataSetException">A class has fewer patients than there are folds.</exception>
    public ImageManifest InFolds(int folds, long seed, GroupBy by)
    {
        var (readable, _, labels, groups) = ToDivide(by);
        var foldOf = readable.Zip(FoldSplitter.Assign(labels, groups, folds, seed))
            .ToDictionary(p => p.First.Path, p => p.Second + 1, StringComparer.Ordinal);
        return this with
        {
            // Of each of the models that come of it: one fold is tested, the next one chooses epoch and threshold.
            Split = new(new(1 - (2.0 / folds), 1.0 / folds, 1.0 / folds), seed, by, folds),
            Images = [.. Originals.Select(i => i with { Part = null, Fold = foldOf.TryGetValue(i.Path, out var fold) ? fold : null })],
        };
    }

    /// <summary>
    /// The originals with others, not divided. Where nothing says the source of an image, that was the whole data set's name until now.
    /// </summary>
    public ImageManifest With(IReadOnlyList<ManifestImage> added) => this with
    {
        Split = null,
        Images =
        [
            .. Originals.Concat(added).Select(i => i with { Part = null, Fold = null, Source = i.Source ?? Name }),
        ],
    };

    IEnumerable<ManifestImage> Originals => Images.Where(i => i.Origin is null);

    (List<ManifestImage> Readable, List<string> Classes, int[] Labels, int[] Groups) ToDivide(GroupBy by)
    {
        var readable = Originals.Where(i => i.Problem is null).ToList();
        var classes = readable.Select(i => i.Class).Distinct().Order(StringComparer.Ordinal).ToList();
        return (readable, classes, [.. readable.Select(i => classes.IndexOf(i.Class))], by == GroupBy.Patient ? GroupsOf(readable) : [
            .. Enumerable.Range(0, readable.Count)]);
    }

    /// <summary>For every image the number of its group: those of one patient, and what shows a film of theirs.</summary>
    public int[] GroupsOf(IReadOnlyList<ManifestImage> readable) => ImageGroups.Of(
        [.. readable.Select(i => new ImageIdentity(
            i.PatientOfSource, i.Source ?? "", System.IO.Path.GetFileNameWithoutExtension(i.Path), i.Appearance()))],
        ToldApart(readable));

    /// <summary>For every image the number of its group: those that show the same film.</summary>
    public int[] AlikeOf(IReadOnlyList<ManifestImage> readable) =>
        SameFilms.Of([.. readable.Select(i => i.Appearance())], ToldApart(readable));

    Func<int, int, bool>? ToldApart(IReadOnlyList<ManifestImage> readable)
    {
        var pairs = DifferentFilms?.ToHashSet();
        return pairs is null ? null : (i, j) => pairs.Contains(FilmPair.Of(readable[i].Path, readable[j].Path));
    }

    /// <summary>Of each of ours the nearest of theirs that shows the same film, where there is one; both by index.</summary>
    public static IReadOnlyDictionary<int, int> TwinsOf(IReadOnlyList<ManifestImage> ours, IReadOnlyList<ManifestImage> theirs) =>
        SameFilms.Twins([.. ours.Select(i => i.Appearance())], [.. theirs.Select(i => i.Appearance())]);

    static string HashOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}

/// <param name="Seed">The same seed divides the same images alike.</param>
/// <param name="By">image lets one patient stand on both sides, and the model's card says so.</param>
/// <param name="Folds">How many folds; null where the parts are training, validation and test.</param>
public sealed record ManifestSplit(SplitFractions Fractions, long Seed, GroupBy By, int? Folds = null);

/// <summary>Two images by their paths, the lesser first.</summary>
public sealed record FilmPair(string One, string Other)
{
    public static FilmPair Of(string path, string other) => string.CompareOrdinal(path, other) < 0 ? new(path, other) : new(other, path);
}

/// <summary>One image of a manifest.</summary>
/// <param name="Path">Relative to the folder of all data sets, with forward slashes.</param>
/// <param name="Sha256">Of the file, lower-case hexadecimal.</param>
/// <param name="PixelHash">As <see cref="Imaging.Decoding.GreyImage.PixelHash"/>; null where the file cannot be read.</param>
/// <param name="Perceptual">As <see cref="PerceptualHash.ToString"/>; null where the file cannot be read.</param>
/// <param name="Width">Pixels; 0 where the file cannot be read.</param>
/// <param name="Height">Pixels; 0 where the file cannot be read.</param>
/// <param name="View">As the table calls it; null where nothing says.</param>
/// <param name="Problem">Why it cannot be read, for a person.</param>
/// <param name="Part">Null where the images are not divided.</param>
/// <param name="Origin">The path of the image that this one was augmented from; null for an original.</param>
/// <param name="Fold">From 1; null where the images are not divided into folds.</param>
/// <param name="Source">The collection that it comes from; null in manifests of before it was kept: the data set is one source.</param>
/// <param name="LungMask">Path of its lung mask, as <paramref name="Path"/>; null where it has none.</param>
public sealed record ManifestImage(
    string Path, string Class, string Patient, string Sha256, string? PixelHash, string? Perceptual, int Width, int Height,
    string? View = null, string? Problem = null, DataPart? Part = null, string? Origin = null, int? Fold = null, string? Source = null,
    string? LungMask = null)
{
    /// <summary>The patient, told from another source's of the same number.</summary>
    [JsonIgnore]
    public string PatientOfSource => Source is null ? Patient : $"{Source}:{Patient}";

    /// <summary>Null where the file cannot be read, and in manifests of before 2026-11-28.</summary>
    public FilmThumbnail? Thumbnail { get; init; }

    /// <summary>Of the patient, as <see cref="PatientTraits"/> writes it; null where nothing says it, and in older manifests.</summary>
    public string? Sex { get; init; }

    /// <summary>In years; null as above.</summary>
    public string? Age { get; init; }

    /// <exception cref="InvalidOperationException">The image cannot be read and so looks like nothing.</exception>
    public PerceptualHash Look() =>
        PerceptualHash.Parse(Perceptual ?? throw new InvalidOperationException("An unreadable image has no perceptual hash."));

    /// <exception cref="InvalidOperationException">As for <see cref="Look"/>.</exception>
    public FilmAppearance Appearance() => new(
        PixelHash ?? throw new InvalidOperationException("An unreadable image has no pixels."), Look(), Thumbnail);
}
