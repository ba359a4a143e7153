using CovidCxr.Imaging.Decoding;
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

    static readonly ScanDecoder Decoder = new(new ImagingOptions { MinSidePixels = 1 }, takesBlank: true);

    /// <summary>Whether a file can be read as a mask.</summary>
    public static bool IsReadable(byte[] file) => Decoder.Decode(file) is DecodeResult.Decoded;

    /// <returns>For every sample with a readable mask the sample, and the same with black lungs.</returns>
    public static IReadOnlyList<(Sample Whole, Sample Blacked)> Apply(IEnumerable<Sample> samples, string root, PreprocessingPreset preset)
    {
        return [.. from sample in samples
                   let path = PathOf(sample.Image.File, root)
                   where File.Exists(path)
                   let mask = Decoder.Decode(File.ReadAllBytes(path)) as DecodeResult.Decoded
                   where mask is not null
                   select (sample, BlackOut(sample, mask.Image, preset))];
    }

    static string PathOf(LabelledFile file, string root) => Path.Combine(
        root, file.LungMask ?? Path.Combine(file.Source, Folder, Path.GetFileNameWithoutExtension(file.Path) + ".png"));

    // The mask is stretched with the image: both cover the same film, at whatever size.
    static Sample BlackOut(Sample sample, GreyImage mask, PreprocessingPreset preset)
    {
        var share = Resizer.Resize(
            Array.ConvertAll(mask.Samples, s => (float)s / mask.MaxSample), mask.Width, mask.Height, preset.Width, preset.Height);
        var pixels = sample.Image.Pixels.ToArray();
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = share[i] >= 0.5f ? (byte)0 : pixels[i];
        }

        return sample with { Image = sample.Image with { Pixels = new(pixels) } };
    }
}
