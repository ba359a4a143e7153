using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Lungs;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Data;

namespace CovidCxr.Learning.Evaluation;

/// <summary>
/// Blacks the lungs out where a mask says where they are. A model that still tells the classes apart reads something else: a device's
/// marks, the cropping, the source (Maguolo and Nanni 2021, DeGrave et al. 2021).
/// </summary>
public static class LungMasks
{
    /// <summary>In a source's folder: PNG of the image's name, white where lung is.</summary>
    public const string Folder = "lung-masks";

    /// <returns>For every sample with a readable mask the sample, and the same with black lungs.</returns>
    public static IReadOnlyList<(Sample Whole, Sample Blacked)> Apply(
        IEnumerable<Sample> samples, string root, PreprocessingPreset preset) =>
        [.. Drawn(samples, root).Select(d => (d.Sample, BlackOut(d.Sample, d.Mask, preset)))];

    /// <returns>Every sample with a readable mask, and the mask.</returns>
    public static IEnumerable<(Sample Sample, LungMask Mask)> Drawn(IEnumerable<Sample> samples, string root)
    {
        return from sample in samples
               let path = PathOf(sample.Image.File, root)
               where File.Exists(path)
               let mask = TrainingDecoders.Here.Masks.Decode(File.ReadAllBytes(path)) as DecodeResult.Decoded
               where mask is not null
               select (sample, ToMask(mask.Image));
    }

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
