using System.Numerics;
using System.Runtime.InteropServices;
using NetVips;

namespace CovidCxr.Imaging.Decoding;

/// <summary>
/// Turns an untrusted PNG, JPEG or TIFF file into grey samples. Signature first, then the header, then the pixels.
/// Safe to call from several threads.
/// </summary>
public sealed class ScanDecoder(ImagingOptions options)
{
    // Small enough for the collector's first generation.
    const int StripPixels = 1 << 14;

    /// <summary>Decodes one file held in memory. Never throws for what the file contains.</summary>
    public DecodeResult Decode(byte[] bytes)
    {
        if (CheckSignature(bytes) is { } refused)
        {
            return refused;
        }

        VipsLibrary.EnsureReady();
        try
        {
            using var image = Image.NewFromBuffer(bytes, access: Enums.Access.Sequential, failOn: Enums.FailOn.Truncated);
            return (DecodeResult?)CheckHeader(image) ?? new DecodeResult.Decoded(ReadPixels(image), FileSignature.Sniff(bytes)!.Value);
        }
        catch (VipsException)
        {
            // libvips' own words may quote metadata of the file.
            return Refuse(RefusalReason.Damaged, "The file is damaged or cut short. Export it again.");
        }
    }

    DecodeResult.Refused? CheckSignature(byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return Refuse(RefusalReason.Empty, "The file is empty.");
        }

        if (bytes.LongLength > options.MaxFileBytes)
        {
            return Refuse(RefusalReason.FileTooLarge, $"The file is larger than {options.MaxFileMegabytes} MB.");
        }

        if (FileSignature.IsDicom(bytes))
        {
            return Refuse(RefusalReason.Dicom, "DICOM files are not read yet. Export the image as PNG, JPEG or TIFF.");
        }

        var format = FileSignature.Sniff(bytes);
        if (format is null)
        {
            return Refuse(RefusalReason.NotAnImage, "This is not a PNG, JPEG or TIFF image, whatever its name says.");
        }

        return format == ScanFormat.Png && FileSignature.IsAnimatedPng(bytes) ? SeveralFrames() : null;
    }

    DecodeResult.Refused? CheckHeader(Image image)
    {
        if ((long)image.Width * image.Height > options.MaxMegapixels * 1_000_000L)
        {
            return Refuse(RefusalReason.TooManyPixels, $"The image declares {image.Width} x {image.Height} pixels; the limit is {options.MaxMegapixels} megapixels.");
        }

        if (Math.Min(image.Width, image.Height) < options.MinSidePixels)
        {
            return Refuse(RefusalReason.TooSmall, $"The image has {image.Width} x {image.Height} pixels; each side needs at least {options.MinSidePixels}.");
        }

        if (image.Contains("n-pages") && (int)image.Get("n-pages") > 1)
        {
            return SeveralFrames();
        }

        if (image.Format is not (Enums.BandFormat.Uchar or Enums.BandFormat.Ushort))
        {
            return Refuse(RefusalReason.UnsupportedSamples, "The samples are neither 8 nor 16 bit unsigned numbers. Export the image as 8 or 16 bit grey.");
        }

        var colours = image.Bands - (image.HasAlpha() ? 1 : 0);
        return image.Interpretation == Enums.Interpretation.Cmyk || colours is not (1 or 3)
            ? Refuse(RefusalReason.UnsupportedSamples, "The image is in printing colours (CMYK) or has too many channels. Export it as grey.")
            : null;
    }

    static GreyImage ReadPixels(Image image)
    {
        // The file is read once from top to bottom; a turned picture needs all of it before its first row.
        using var whole = IsTurned(image) ? image.CopyMemory() : image.Copy();
        using var upright = whole.Autorot();
        using var opaque = upright.HasAlpha() ? upright.Flatten() : upright.Copy();
        var isWide = image.Format == Enums.BandFormat.Ushort;
        using var cast = opaque.Cast(isWide ? Enums.BandFormat.Ushort : Enums.BandFormat.Uchar);
        return new GreyImage(cast.Width, cast.Height, isWide ? 16 : 8, isWide ? ReadGrey<ushort>(cast) : ReadGrey<byte>(cast));
    }

    static bool IsTurned(Image image) => image.Contains("orientation") && (int)image.Get("orientation") > 1;

    // Strip by strip, so that a colour file costs its grey samples and one strip, not all its channels at once.
    static ushort[] ReadGrey<T>(Image image)
        where T : unmanaged, IBinaryInteger<T>
    {
        using var region = Region.New(image);
        var grey = new ushort[image.Width * image.Height];
        var rows = Math.Max(1, StripPixels / image.Width);
        for (var top = 0; top < image.Height; top += rows)
        {
            var count = Math.Min(rows, image.Height - top);
            var strip = MemoryMarshal.Cast<byte, T>(region.Fetch(0, top, image.Width, count));
            ToGrey(strip, image.Bands, grey.AsSpan(top * image.Width, count * image.Width));
        }

        return grey;
    }

    // Rec. 601 weights in 16-bit fixed point: they sum to 65536, so a grey image saved as RGB comes back exactly.
    static void ToGrey<T>(ReadOnlySpan<T> samples, int bands, Span<ushort> grey)
        where T : unmanaged, IBinaryInteger<T>
    {
        for (int i = 0, j = 0; i < grey.Length; i++, j += bands)
        {
            grey[i] = bands < 3
                ? ushort.CreateTruncating(samples[j])
                : (ushort)(((19595 * Sample(samples[j])) + (38470 * Sample(samples[j + 1])) + (7471 * Sample(samples[j + 2])) + 32768) >> 16);
        }

        static long Sample(T value) => long.CreateTruncating(value);
    }

    static DecodeResult.Refused SeveralFrames() =>
        Refuse(RefusalReason.SeveralFrames, "The file holds several pages or frames. Upload each X-ray as a file of its own.");

    static DecodeResult.Refused Refuse(RefusalReason reason, string message) => new(reason, message);
}
