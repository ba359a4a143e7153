using System.Security.Cryptography;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Duplicates;

namespace CovidCxr.Learning.Data;

/// <summary>What a file holds, before anything is trained on it.</summary>
/// <param name="Sha256">Of the file, lower-case hexadecimal.</param>
/// <param name="PixelHash">Null, as the perceptual hash, where the file cannot be read.</param>
/// <param name="Width">Pixels; 0 where the file cannot be read.</param>
/// <param name="Height">Pixels; 0 where the file cannot be read.</param>
/// <param name="Problem">The decoder's words for why it cannot be read; null where it can.</param>
public sealed record InspectedImage(string Sha256, string? PixelHash, PerceptualHash? Hash, int Width, int Height, string? Problem)
{
    /// <summary>Null where the file cannot be read.</summary>
    public FilmThumbnail? Thumbnail { get; init; }

    // Large enough that resizing to the hash's 17 x 16 cells gives the bits that a training preset of any size gives, but for a few.
    static readonly PreprocessingPreset Preset = PreprocessingPreset.Square(128);

    /// <summary>Never throws for what the file contains.</summary>
    public static InspectedImage Of(byte[] file, IScanDecoder decoder)
    {
        var sha = Convert.ToHexStringLower(SHA256.HashData(file));
        var result = decoder.Decode(file);
        if (result is DecodeResult.Refused refused)
        {
            return new(sha, null, null, 0, 0, refused.Message);
        }

        var image = ((DecodeResult.Decoded)result).Image;
        var unit = Preprocessor.ToUnit(image, Preset);
        return new(
            sha, image.PixelHash(), PerceptualHash.Of(unit, Preset.Width, Preset.Height), image.Width, image.Height, null)
        {
            Thumbnail = FilmThumbnail.Of(unit, Preset.Width, Preset.Height),
        };
    }
}
