using System.Text;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Dicom;
using CovidCxr.Imaging.Text;
using CovidCxr.Storage.Files;
using Microsoft.Extensions.Options;

namespace CovidCxr.Clinic.Exports;

/// <param name="IsDicom">Whether it came as a DICOM file.</param>
/// <param name="SaysNoText">The file says that no text is burnt into it.</param>
/// <param name="Doubts">Why words may stand in its pixels, a sentence each; such a film leaves only where a person has looked.</param>
sealed record CheckedFilm(GreyImage Image, bool IsDicom, bool SaysNoText, IReadOnlyList<string> Doubts);

/// <summary>A stored film with what speaks for words in its pixels.</summary>
public sealed class FilmCheck(BlobStore blobs, IScanDecoder decoder, IOptions<ImagingOptions> options)
{
    const uint ImageType = 0x0008_0008, SopClass = 0x0008_0016, ConversionType = 0x0008_0064, BurnedIn = 0x0028_0301;

    // Secondary captures of every kind (PS3.4, B.5).
    const string Captures = "1.2.840.10008.5.1.4.1.1.7";

    /// <returns>Null where its file is gone or can no longer be read or decoded.</returns>
    internal async Task<CheckedFilm?> ReadAsync(string key, CancellationToken cancellation)
    {
        byte[] bytes;
        try
        {
            bytes = await blobs.ReadAsync(key, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        if (decoder.Decode(bytes, cancellation) is not DecodeResult.Decoded { Image: var image })
        {
            return null;
        }

        var file = DicomObject.Read(bytes, options.Value.LargestDataSet);
        var said = file is null ? "" : Code(file, BurnedIn);
        return new(image, file is not null, said == "NO", [.. DoubtsOf(image, file, said)]);
    }

    static IEnumerable<string> DoubtsOf(GreyImage image, DicomObject? file, string said)
    {
        if (said == "YES")
        {
            yield return "The file says that text is burnt into it.";
        }

        if (file is null)
        {
            yield return "It is no DICOM file: nothing says whether text is burnt into it.";
        }
        else if (IsCapture(file))
        {
            yield return "It is a picture of a screen or a scan (secondary capture), which often shows text.";
        }

        if (BurntText.IsLikely(image))
        {
            yield return "Something in it looks like letters.";
        }
    }

    static bool IsCapture(DicomObject file) =>
        (Code(file, SopClass) is var kind && (kind == Captures || kind.StartsWith(Captures + '.', StringComparison.Ordinal)))
        || file.Header.Modality is "SC" or "OT"
        || (Code(file, ImageType).Split('\\') is [_, var second, ..] && second.Trim() == "SECONDARY")
        || Code(file, ConversionType).Length > 0;

    static string Code(DicomObject file, uint tag) => Encoding.ASCII.GetString(file.Value(tag)).Trim(' ', '\0').ToUpperInvariant();
}
