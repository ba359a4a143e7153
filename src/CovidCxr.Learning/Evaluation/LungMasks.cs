using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Lungs;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Data;

namespace CovidCxr.Learning.Evaluation;

/// <summary>Films with and without their lungs.</summary>
/// <param name="Pairs">Every film as it is, and the same with black lungs.</param>
/// <param name="Found">So many of the masks were found by a network; the rest were drawn by people.</param>
public sealed record BlackedFilms(IReadOnlyList<(Sample Whole, Sample Blacked)> Pairs, int Found);

/// <summary>
/// Blacks the lungs out where a mask says where they are. A model that still tells the classes apart reads something else: a device's
/// marks, the cropping, the source (Maguolo and Nanni 2021, DeGrave et al. 2021).
/// </summary>
public static class LungMasks
{
    /// <summary>In a source's folder: PNG of the image's name, white where lung is.</summary>
    public const string Folder = "lung-masks";

    /// <param name="find">Finds the lungs of films without a readable mask that was drawn; null leaves these out.</param>
    /// <returns>Of every sample whose lungs are known, in their order.</returns>
    public static BlackedFilms Apply(
        IEnumerable<Sample> samples, string root, PreprocessingPreset preset, LungSegmentation? find = null)
    {
        var films = samples.AsParallel().AsOrdered().Select(s => (Sample: s, Drawn: Drawn(s, root)))
            .Select(s => (s.Sample, s.Drawn, Mask: s.Drawn ?? (find is null ? null : Found(s.Sample, root, find))))
            .Where(s => s.Mask is not null).ToList();
        return new([.. films.Select(f => (f.Sample, BlackOut(f.Sample, f.Mask!, preset)))], films.Count(f => f.Drawn is null));
    }

    /// <returns>Every sample with a readable mask, and the mask.</returns>
    public static IEnumerable<(Sample Sample, LungMask Mask)> Drawn(IEnumerable<Sample> samples, string root) =>
        from sample in samples
        let mask = Drawn(sample, root)
        where mask is not null
        select (sample, mask);

    static LungMask? Drawn(Sample sample, string root) =>
        PathOf(sample.Image.File, root) is var path && File.Exists(path)
            && TrainingDecoders.Here.Masks.Decode(File.ReadAllBytes(path)) is DecodeResult.Decoded mask
            ? ToMask(mask.Image)
            : null;

    // Where a network finds no lung there is nothing to black out.
    static LungMask? Found(Sample sample, string root, LungSegmentation find) =>
        TrainingDecoders.Here.FilmAt(Path.Combine(root, sample.Image.File.Path)) is { } film && find(film) is { Area: > 0 } mask
            ? mask
            : null;

    static string PathOf(LabelledFile file, string root) => Path.Combine(
        root, file.LungMask ?? Path.Combine(file.Source, Folder, Path.GetFileNameWithoutExtension(file.Path) + ".png"));

    static LungMask ToMask(GreyImage image) =>
        new(image.Width, image.Height, Array.ConvertAll(image.Samples, s => (float)s / image.MaxSample));

    // The mask covers the same film, at whatever size.
    static Sample BlackOut(Sample sample, LungMask mask, PreprocessingPreset preset)
    {
        var share = Preprocessor.Follow(mask, sample.Image.Region, preset.Width, preset.Height);
        var pixels = sample.Image.Pixels.ToArray();
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = share[i] >= LungMask.Lung ? (byte)0 : pixels[i];
        }

        return sample with { Image = sample.Image with { Pixels = new(pixels) } };
    }
}
