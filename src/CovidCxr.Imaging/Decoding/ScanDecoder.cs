using System.Numerics;
using NetVips;

namespace CovidCxr.Imaging.Decoding;

/// <summary>
/// Turns an untrusted PNG, JPEG, TIFF or DICOM file into grey samples. Signature first, then the file's structure, then the header,
/// then the pixels. Safe to call from several threads.
/// </summary>
/// <param name="options">The limits.</param>
/// <param name="takesBlank">For masks, which may well be of one grey: a picture without contrast is no film, but it is a mask.</param>
public sealed class ScanDecoder(ImagingOptions options, bool takesBlank = false) : IScanDecoder
{
    /// <summary>No X-ray of a chest is so long: a strip of 64 x 600000 pixels costs every step after this one what no film costs.</summary>
    public const int MaxAspect = 10;

    /// <summary>
    /// So many files are decoded at once in this process, and the others wait: a decode may hold some hundred megabytes, and more of them
    /// than cores are no faster.
    /// </summary>
    internal static readonly SemaphoreSlim Turns = new(Environment.ProcessorCount);

    /// <inheritdoc/>
    public DecodeResult Decode(byte[] bytes, CancellationToken cancellation = default)
    {
        if (CheckSignature(bytes, options) is { } refused)
        {
            return refused;
        }

        var format = FileSignature.Sniff(bytes)!.Value;
        Turns.Wait(cancellation);
        try
        {
            if (format == ScanFormat.Dicom)
            {
                return DecodeDicom(bytes, cancellation);
            }

            var inspection = Inspect(bytes, format);
            return inspection.Refusal ?? Decode(bytes, format, inspection, cancellation);
        }
        finally
        {
            Turns.Release();
        }
    }

    /// <summary>What needs no decoder: size and first bytes.</summary>
    internal static DecodeResult.Refused? CheckSignature(byte[] bytes, ImagingOptions options)
    {
        if (bytes.Length == 0)
        {
            return Refuse(RefusalReason.Empty, "The file is empty.");
        }

        if (bytes.LongLength > options.MaxFileBytes)
        {
            return Refuse(RefusalReason.FileTooLarge, $"The file is larger than {options.MaxFileMegabytes} MB.");
        }

        return FileSignature.Sniff(bytes) is null
            ? Refuse(RefusalReason.NotAnImage, "This is not a PNG, JPEG, TIFF or DICOM image, whatever its name says.")
            : null;
    }

    Inspection Inspect(byte[] bytes, ScanFormat format) => format switch
    {
        ScanFormat.Png => PngFile.Inspect(bytes),
        ScanFormat.Jpeg => JpegFile.Inspect(bytes),
        _ => TiffFile.Inspect(bytes, options),
    };

    DecodeResult DecodeDicom(byte[] bytes, CancellationToken cancellation)
    {
        DecodeResult Jpeg(byte[] data)
        {
            var inspection = Inspect(data, ScanFormat.Jpeg);
            return inspection.Refusal ?? Decode(data, ScanFormat.Jpeg, inspection with { Orientation = 1 }, cancellation);
        }

        var result = DicomScan.Read(bytes, options, CheckSize, Jpeg);
        return !takesBlank && result is DecodeResult.Decoded { Image: var image } && Contrast.IsBlank(image, null)
            ? Refusals.Blank()
            : result;
    }

    DecodeResult Decode(byte[] bytes, ScanFormat format, Inspection inspection, CancellationToken cancellation)
    {
        VipsLibrary.EnsureReady();
        try
        {
            return Open(bytes, format, inspection, usesAlpha: true, cancellation)
                ?? Open(bytes, format, inspection, usesAlpha: false, cancellation) ?? Refusals.Blank();
        }
        catch (VipsException)
        {
            // libvips' own words may quote metadata of the file.
            return Refusals.Damaged();
        }
        finally
        {
            VipsLibrary.StopListening();
        }
    }

    // Null where alpha is 0 everywhere: some programs write the channel and do not fill it, so the file is read once more without it.
    DecodeResult? Open(byte[] bytes, ScanFormat format, Inspection inspection, bool usesAlpha, CancellationToken cancellation)
    {
        var warnings = VipsLibrary.Listen();
        var page = format == ScanFormat.Tiff && inspection.Page > 0 ? new VOption { { "page", inspection.Page } } : null;
        using var image = Image.NewFromBuffer(bytes, access: Enums.Access.Sequential, failOn: inspection.FailOn, kwargs: page);
        if (CheckHeader(image) is { } refused)
        {
            return refused;
        }

        // What is odd in the header, such as a tag that libtiff does not know, is warned of again at the first pixels.
        var known = warnings.ToHashSet();
        var (grey, visible) = image.Format == Enums.BandFormat.Ushort
            ? Read<ushort>(image, inspection, usesAlpha, cancellation)
            : Read<byte>(image, inspection, usesAlpha, cancellation);
        if (visible?.All(count => count == 0) == true)
        {
            return null;
        }

        if (!known.IsSupersetOf(warnings))
        {
            return Refusals.Damaged();
        }

        // Alpha that is nearly 0 leaves a film in the visible pixels and none in the picture over black.
        return !takesBlank && (Contrast.IsBlank(grey, null) || (visible is not null && Contrast.IsBlank(grey, visible)))
            ? Refusals.Blank()
            : new DecodeResult.Decoded(grey, format);
    }

    DecodeResult.Refused? CheckSize(int width, int height)
    {
        if ((long)width * height > options.MaxMegapixels * 1_000_000L)
        {
            return Refusals.TooManyPixels(width, height, options.MaxMegapixels);
        }

        if (Math.Min(width, height) < options.MinSidePixels)
        {
            return Refuse(
                RefusalReason.TooSmall,
                $"The image has {width} x {height} pixels; each side needs at least {options.MinSidePixels}.");
        }

        if (Math.Max(width, height) > (long)MaxAspect * Math.Min(width, height))
        {
            return Refuse(
                RefusalReason.TooLong,
                $"The image has {width} x {height} pixels: one side is more than {MaxAspect} times the other, as in no X-ray of "
                    + "a chest. Upload the X-ray itself.");
        }

        return null;
    }

    DecodeResult.Refused? CheckHeader(Image image)
    {
        if (CheckSize(image.Width, image.Height) is { } refused)
        {
            return refused;
        }

        if (image.Format is not (Enums.BandFormat.Uchar or Enums.BandFormat.Ushort))
        {
            return Refusals.Samples();
        }

        var colours = image.Bands - (image.HasAlpha() ? 1 : 0);
        return image.Interpretation == Enums.Interpretation.Cmyk || colours is not (1 or 3) ? Refusals.Colours() : null;
    }

    static (GreyImage Grey, int[]? Visible) Read<T>(
        Image image, Inspection inspection, bool usesAlpha, CancellationToken cancellation)
        where T : unmanaged, IBinaryInteger<T>
    {
        var reader = new PixelReader<T>(image, usesAlpha);
        return (reader.Read(inspection.Orientation ?? OrientationOf(image), cancellation), reader.Visible);
    }

    static int OrientationOf(Image image) =>
        image.Contains("orientation") && (int)image.Get("orientation") is >= 1 and <= 8 and var value ? value : 1;

    static DecodeResult.Refused Refuse(RefusalReason reason, string message) => new(reason, message);
}
