using NetVips;

namespace CovidCxr.Imaging.Decoding;

/// <summary>
/// Turns an untrusted PNG, JPEG or TIFF file into grey samples. Signature first, then the header, then the pixels.
/// Safe to call from several threads.
/// </summary>
public sealed class ScanDecoder(ImagingOptions options)
{
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

        return image.Interpretation == Enums.Interpretation.Cmyk || image.Bands > 4
            ? Refuse(RefusalReason.UnsupportedSamples, "The image is in printing colours (CMYK) or has too many channels. Export it as grey.")
            : null;
    }

    static GreyImage ReadPixels(Image image)
    {
        using var upright = image.Autorot();
        using var opaque = upright.HasAlpha() ? upright.Flatten() : upright.Copy();
        var isWide = image.Format == Enums.BandFormat.Ushort;
        using var cast = opaque.Cast(isWide ? Enums.BandFormat.Ushort : Enums.BandFormat.Uchar);
        var samples = isWide ? cast.WriteToMemory<ushort>() : Array.ConvertAll(cast.WriteToMemory<byte>(), b => (ushort)b);
        return new GreyImage(cast.Width, cast.Height, isWide ? 16 : 8, cast.Bands >= 3 ? Luminance(samples, cast.Bands) : samples);
    }

    // Rec. 601 weights in 16-bit fixed point: they sum to 65536, so a grey image saved as RGB comes back exactly.
    static ushort[] Luminance(ushort[] samples, int bands)
    {
        var grey = new ushort[samples.Length / bands];
        for (int i = 0, j = 0; i < grey.Length; i++, j += bands)
        {
            grey[i] = (ushort)(((19595L * samples[j]) + (38470L * samples[j + 1]) + (7471L * samples[j + 2]) + 32768) >> 16);
        }

        return grey;
    }

    static DecodeResult.Refused SeveralFrames() =>
        Refuse(RefusalReason.SeveralFrames, "The file holds several pages or frames. Upload each X-ray as a file of its own.");

    static DecodeResult.Refused Refuse(RefusalReason reason, string message) => new(reason, message);
}
