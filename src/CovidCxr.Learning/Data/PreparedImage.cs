using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Lungs;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Duplicates;

namespace CovidCxr.Learning.Data;

/// <summary>An image decoded once: its unit image at the preset's size, in 8 bits, as training reads it again and again.</summary>
/// <param name="PixelHash">Of the full image.</param>
/// <param name="Pixels">Height x width of the preset, 255 for 1.</param>
/// <param name="Width">Of the full image; likewise Height and Statistics.</param>
public sealed record PreparedImage(
    LabelledFile File, string PixelHash, PerceptualHash Hash, CachedPixels Pixels, int Width, int Height, ImageStatistics Statistics)
{
    // As an import inspects its images: the hash of a film does not depend on what a network is shown of it.
    static readonly PreprocessingPreset HashPreset = PreprocessingPreset.Square(128);

    /// <summary>Bits of a sample in the file, 8 or 16.</summary>
    public int BitsStored { get; init; } = 8;

    /// <summary>The part of the film that the pixels show.</summary>
    public FilmRegion Region { get; init; } = FilmRegion.Whole;

    /// <summary>Of the whole film, as the hash; null where nothing was decoded.</summary>
    public FilmThumbnail? Thumbnail { get; init; }

    public FilmAppearance Appearance => new(PixelHash, Hash, Thumbnail);

    /// <returns>The image, or the decoder's words for why there is none.</returns>
    /// <exception cref="IOException">The cache cannot hold the pixels.</exception>
    /// <param name="lungs">Finds them where the preset asks for it.</param>
    public static (PreparedImage? Image, string? Refusal) Load(
        LabelledFile file, string root, PreprocessingPreset preset, IScanDecoder decoder, PixelCache cache, LungSegmentation? lungs = null)
    {
        byte[] bytes;
        try
        {
            bytes = System.IO.File.ReadAllBytes(Path.Combine(root, file.Path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, "The file cannot be read.");
        }

        var result = decoder.Decode(bytes);
        if (result is DecodeResult.Refused refused)
        {
            return (null, refused.Message);
        }

        var image = ((DecodeResult.Decoded)result).Image;
        var hash = image.PixelHash();
        if (file.PixelHash is { } expected && expected != hash)
        {
            return (null, "These are not the pixels that the data set version names.");
        }

        var (unit, region) = Preprocessor.Prepare(image, preset, lungs);
        var pixels = Array.ConvertAll(unit, Preprocessor.ToByte);
        var (whole, seen) = preset.Lungs is null ? (unit, preset) : (Preprocessor.ToUnit(image, HashPreset), HashPreset);
        var look = PerceptualHash.Of(whole, seen.Width, seen.Height);
        return (
            new(file, hash, look, cache.Store(pixels), image.Width, image.Height, ImageStatistics.Of(image))
            {
                BitsStored = image.BitsStored,
                Region = region,
                Thumbnail = FilmThumbnail.Of(whole, seen.Width, seen.Height),
            },
            null);
    }
}
