namespace CovidCxr.Imaging.Decoding;

/// <summary>
/// The sentences for a person whose file is not read: what is wrong and what to do. They quote nothing of the file but its numbers.
/// </summary>
static class Refusals
{
    public static DecodeResult.Refused Damaged() => new(RefusalReason.Damaged, "The file is damaged or cut short. Export it again.");

    public static DecodeResult.Refused SeveralFrames() =>
        new(RefusalReason.SeveralFrames, "The file holds several pages or frames. Upload each X-ray as a file of its own.");

    public static DecodeResult.Refused PreviewOnly() =>
        new(
            RefusalReason.UnsupportedSamples,
            "Only a small preview in this TIFF can be read, not the picture itself. Export the picture as PNG or as a plain TIFF.");

    public static DecodeResult.Refused Blank() =>
        new(
            RefusalReason.Blank,
            "The picture is blank: nearly all its pixels have the same brightness. Check what was exported and upload the X-ray itself.");

    public static DecodeResult.Refused TooManyPixels(long width, long height, int limit) =>
        new(RefusalReason.TooManyPixels, $"The image declares {width} x {height} pixels; the limit is {limit} megapixels.");

    public static DecodeResult.Refused Bits(long bits) =>
        new(RefusalReason.UnsupportedSamples, $"The samples have {bits} bits; 8 and 16 are read. Export the image as 8 or 16 bit grey.");

    public static DecodeResult.Refused Samples() =>
        new(
            RefusalReason.UnsupportedSamples,
            "The samples are neither 8 nor 16 bit unsigned numbers. Export the image as 8 or 16 bit grey.");

    public static DecodeResult.Refused Colours() =>
        new(RefusalReason.UnsupportedSamples, "The image is in printing colours (CMYK) or has too many channels. Export it as grey.");

    public static DecodeResult.Refused ColourModel() =>
        new(RefusalReason.UnsupportedSamples, "The image is stored in a colour model that is not read. Export it as grey.");

    public static DecodeResult.Refused TiffCompression(string codec) =>
        new(
            RefusalReason.UnsupportedSamples,
            $"The TIFF is compressed with {codec}, which is not read. Save it uncompressed or with LZW or Deflate.");

    public static DecodeResult.Refused JpegProcess(string process) =>
        new(RefusalReason.UnsupportedSamples, $"The JPEG is {process}, which is not read. Export the image as PNG or as an ordinary JPEG.");

    public static DecodeResult.Refused DicomKind(string kind) =>
        new(
            RefusalReason.Dicom,
            $"This DICOM file holds {kind}. X-ray images (CR, DX) and secondary captures are read. Choose the X-ray, or export it as PNG.");

    public static DecodeResult.Refused DicomWithoutPixels() =>
        new(RefusalReason.Dicom, "This DICOM file holds no picture. Choose the file that has the X-ray itself, or export it as PNG.");

    public static DecodeResult.Refused DicomCoding(string name) =>
        new(
            RefusalReason.Dicom,
            $"The pixels of this DICOM file are written as {name}, which is not read. Send it uncompressed, or export it as PNG.");

    public static DecodeResult.Refused DicomCodec(string name, string package) =>
        new(
            RefusalReason.Dicom,
            $"The pixels of this DICOM file are written as {name}, and what reads it is not installed here (package {package}). Tell "
                + "whoever runs this program, or send it uncompressed.");

    public static DecodeResult.Refused TooManyScans(int limit) =>
        new(
            RefusalReason.TooManyScans,
            $"The JPEG is stored in more than {limit} passes, which no ordinary program writes. Export it again as an ordinary JPEG or "
                + $"as PNG.");

    public static DecodeResult.Refused TooSlow(int seconds) =>
        new(
            RefusalReason.TooCostly,
            $"This file could not be decoded within {seconds} seconds. Export it again as an ordinary PNG, JPEG or TIFF.");

    public static DecodeResult.Refused TooHungry(int megabytes) =>
        new(
            RefusalReason.TooCostly,
            $"This file could not be decoded within {megabytes} MB of memory. Export it again as an ordinary PNG, JPEG or TIFF.");

    public static DecodeResult.Refused DecoderEnded() =>
        new(
            RefusalReason.DecoderEnded,
            "This file could not be decoded: it ended the decoder twice. Export it again as an ordinary PNG, JPEG or TIFF.");
}
