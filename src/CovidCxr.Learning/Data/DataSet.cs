using CovidCxr.Imaging.Lungs;
using CovidCxr.Imaging.Preprocessing;

namespace CovidCxr.Learning.Data;

public enum DataPart
{
    Train,
    Validation,
    Test,
}

/// <summary>One image in a divided data set.</summary>
/// <param name="Class">Index into the classes.</param>
/// <param name="Group">Images of one group (patient, duplicates) share it.</param>
public sealed record Sample(PreparedImage Image, int Class, int Group, DataPart Part);

/// <summary>A data set read, checked and divided.</summary>
/// <param name="LeftOut">What was left out and why, one image each.</param>
/// <param name="Remarks">What a person should know besides: absent files, equal pixels with different classes.</param>
public sealed record DataSet(
    DataSetOptions Options, IReadOnlyList<string> Classes, IReadOnlyList<Sample> Samples, IReadOnlyList<string> LeftOut,
    IReadOnlyList<string> Remarks)
{
    public IReadOnlyList<Sample> Of(DataPart part) => [.. Samples.Where(s => s.Part == part)];

    /// <summary>Reads every source, decodes every image once, joins what belongs together and divides it.</summary>
    /// <param name="root">The folder that the sources' paths start from.</param>
    /// <param name="seed">Of the division.</param>
    /// <param name="cache">Gets the pixels.</param>
    /// <param name="progress">Told the share done, 0..1.</param>
    /// <param name="lungs">Finds them where the preset asks for it.</param>
    /// <exception cref="DataSetException">A source, class or image that cannot be used; the message says which.</exception>
    public static DataSet Load(
        DataSetOptions options, string root, IReadOnlyList<string> classes, PreprocessingPreset preset, long seed, PixelCache cache,
        IProgress<double>? progress, CancellationToken cancellation, LungSegmentation? lungs = null)
    {
        var whole = LoadForTest(options, root, classes, preset, cache, progress, cancellation, lungs);
        var labels = whole.Samples.Select(s => s.Class).ToArray();
        var groups = whole.Samples.Select(s => s.Group).ToArray();
        CheckClasses(classes, labels, groups);
        CheckHeldOut(options, whole.Samples);
        var parts = Frozen(whole.Samples) ?? HoldingOut(options, whole.Samples, labels, groups, seed);
        CheckParts(classes, labels, parts);
        return whole.Divided(parts);
    }

    /// <summary>As the other Load, with a cache of the default size.</summary>
    public static DataSet Load(
        DataSetOptions options, string root, IReadOnlyList<string> classes, PreprocessingPreset preset, long seed,
        IProgress<double>? progress, CancellationToken cancellation, LungSegmentation? lungs = null) =>
        Load(options, root, classes, preset, seed, PixelCache.Default(), progress, cancellation, lungs);

    /// <summary>Reads every source; all images are the test part, and classes may be absent.</summary>
    /// <exception cref="DataSetException">A source or image that cannot be used, or no image at all; the message says which.</exception>
    public static DataSet LoadForTest(
        DataSetOptions options, string root, IReadOnlyList<string> classes, PreprocessingPreset preset, PixelCache cache,
        IProgress<double>? progress, CancellationToken cancellation, LungSegmentation? lungs = null)
    {
        var remarks = new List<string>();
        var files = List(options, root, remarks);
        var stray = files.FirstOrDefault(f => !classes.Contains(f.Class));
        if (stray is not null)
        {
            throw new DataSetException(
                $"'{stray.Path}' belongs to the class '{stray.Class}', which is not one of {string.Join(", ", classes)}.");
        }

        var (images, leftOut) = Prepare(files, root, preset, options.OnCorrupt, cache, progress, lungs, cancellation);
        if (images.Count == 0)
        {
            throw new DataSetException($"The data set has no readable image. {string.Join(" ", remarks)}".TrimEnd());
        }

        var groups = options.GroupBy == GroupBy.Patient
            ? ImageGroups.Of([.. images.Select(ImageIdentity.Of)])
            : [.. Enumerable.Range(0, images.Count)];
        remarks.AddRange(Conflicts(images));
        return new(
            options, classes,
            [.. images.Select((image, i) => new Sample(image, classes.ToList().IndexOf(image.File.Class), groups[i], DataPart.Test))],
            leftOut, remarks);
    }

    /// <summary>The same images, divided otherwise.</summary>
    /// <param name="parts">One per sample.</param>
    public DataSet Divided(IReadOnlyList<DataPart> parts) => this with
    {
        Samples = [.. Samples.Select((s, i) => s with { Part = parts[i] })]
    };

    /// <summary>How many images and groups of every class stand in every part.</summary>
    public IReadOnlyList<PartCount> Counts() =>
        [.. Samples.GroupBy(s => (s.Part, s.Class)).OrderBy(g => g.Key)
            .Select(g => new PartCount(PartName(g.Key.Part), Classes[g.Key.Class], g.Count(), g.Select(s => s.Group).Distinct().Count()))];

    public static string PartName(DataPart part) => part switch
    {
        DataPart.Train => "training",
        DataPart.Validation => "validation",
        _ => "test",
    };

    static List<LabelledFile> List(DataSetOptions options, string root, List<string> remarks)
    {
        var byPath = options.Sources.SelectMany(s => SourceReader.List(s, root, remarks)).GroupBy(f => f.Path).ToList();
        var conflict = byPath.FirstOrDefault(g => g.Select(f => f.Class).Distinct().Count() > 1);
        return conflict is null
            ? byPath.ConvertAll(g => g.First())
            : throw new DataSetException(
                $"'{conflict.Key}' is listed as {string.Join(" and as ", conflict.Select(f => f.Class).Distinct())}.");
    }

    static void CheckHeldOut(DataSetOptions options, IReadOnlyList<Sample> samples)
    {
        if (options.HeldOut?.FirstOrDefault(p => !samples.Any(s => s.Image.File.IsFrom(p))) is not { } strange)
        {
            return;
        }

        var files = samples.Select(s => s.Image.File).ToList();
        var known = files.Select(f => f.Source)
            .Concat(files.Where(f => f.Site is not null).Select(f => $"{f.Source}/{f.Site}")).Distinct().Order(StringComparer.Ordinal);
        throw new DataSetException(
            $"No image is from '{strange}', which data.heldOut names. There are: {string.Join(", ", known)}.");
    }

    // What shares a patient or a picture with a place that is held out is tested with it.
    static DataPart[] HoldingOut(DataSetOptions options, IReadOnlyList<Sample> samples, int[] labels, int[] groups, long seed)
    {
        IReadOnlyList<string> places = options.HeldOut ?? [];
        var held = samples.Where(s => places.Any(s.Image.File.IsFrom)).Select(s => s.Group).ToHashSet();
        int[] rest = [.. Enumerable.Range(0, samples.Count).Where(i => !held.Contains(groups[i]))];
        var divided = DataSplitter.Split([.. rest.Select(i => labels[i])], [.. rest.Select(i => groups[i])], options.Split, seed);
        var parts = Enumerable.Repeat(DataPart.Test, samples.Count).ToArray();
        for (var i = 0; i < rest.Length; i++)
        {
            parts[rest[i]] = divided[i];
        }

        return parts;
    }

    // A manifest has divided them; images of an undivided source beside it would have no place.
    static DataPart[]? Frozen(IReadOnlyList<Sample> samples)
    {
        var divided = samples.Count(s => s.Image.File.Part is not null);
        return divided == 0 ? null
            : divided == samples.Count ? [.. samples.Select(s => s.Image.File.Part!.Value)]
            : throw new DataSetException("Some images are divided by a manifest and some are not: divide the data set version first.");
    }

    static IEnumerable<string> Conflicts(List<PreparedImage> images) =>
        images.GroupBy(i => i.PixelHash).Where(g => g.Select(i => i.File.Class).Distinct().Count() > 1)
            .Select(
                g => $"The same pixels under different classes: {string.Join(", ", g.Select(i => $"{i.File.Path} ({i.File.Class})"))}.");

    static (List<PreparedImage> Images, List<string> LeftOut) Prepare(
        List<LabelledFile> files, string root, PreprocessingPreset preset, OnCorrupt onCorrupt, PixelCache cache,
        IProgress<double>? progress, LungSegmentation? lungs, CancellationToken cancellation)
    {
        var results = new (PreparedImage? Image, string? Refusal)[files.Count];
        var done = 0;
        try
        {
            Parallel.For(0, files.Count, new ParallelOptions { CancellationToken = cancellation }, i =>
            {
                results[i] = PreparedImage.Load(files[i], root, preset, TrainingDecoders.Here.Films, cache, lungs);
                progress?.Report((double)Interlocked.Increment(ref done) / files.Count);
            });
        }
        catch (AggregateException e) when (e.InnerExceptions[0] is IOException or UnauthorizedAccessException)
        {
            throw new DataSetException($"The decoded images cannot be kept: {e.InnerExceptions[0].Message}", e);
        }

        var refused = Enumerable.Range(0, files.Count).Where(i => results[i].Image is null)
            .Select(i => $"{files[i].Path}: {results[i].Refusal}").ToList();
        return refused.Count > 0 && onCorrupt == OnCorrupt.Stop
            ? throw new DataSetException($"{refused.Count} images cannot be read, the first: {refused[0]}")
            : ([.. results.Select(r => r.Image).OfType<PreparedImage>()], refused);
    }

    internal static void CheckParts(IReadOnlyList<string> classes, int[] labels, DataPart[] parts)
    {
        foreach (var part in new[] { DataPart.Train, DataPart.Validation })
        {
            for (var label = 0; label < classes.Count; label++)
            {
                if (!labels.Where((l, i) => l == label && parts[i] == part).Any())
                {
                    throw new DataSetException(
                        $"No image of the class '{classes[label]}' fell to {PartName(part)}: it has too few patients for this split, or "
                            + $"the split leaves that part empty.");
                }
            }
        }
    }

    static void CheckClasses(IReadOnlyList<string> classes, int[] labels, int[] groups)
    {
        for (var label = 0; label < classes.Count; label++)
        {
            var members = Enumerable.Range(0, labels.Length).Where(i => labels[i] == label).Select(i => groups[i]).Distinct().Count();
            if (members < 2)
            {
                throw new DataSetException(
                    $"The class '{classes[label]}' has {(members == 0 ? "no image" : "images of one patient only")}; training and "
                        + $"validation need at least two patients of every class.");
            }
        }
    }
}
