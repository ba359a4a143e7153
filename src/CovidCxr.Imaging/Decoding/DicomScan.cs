using CovidCxr.Imaging.Dicom;

namespace CovidCxr.Imaging.Decoding;

/// <summary>From a DICOM file to grey samples, or to the reason why not. Nothing that the file says is quoted.</summary>
static class DicomScan
{
    /// <param name="size">Null where a picture of this width and height is read.</param>
    /// <param name="jpeg">Decodes an ordinary JPEG.</param>
    public static DecodeResult Read(
        byte[] bytes, ImagingOptions options, Func<int, int, DecodeResult.Refused?> size, Func<byte[], DecodeResult> jpeg)
    {
        if (DicomFile.Open(bytes, options.LargestDataSet) is not { } file)
        {
            return Refusals.Damaged();
        }

        if (Check(file) is { } refused)
        {
            return refused;
        }

        if (PixelLayout.Of(file.Set) is not { } layout)
        {
            return Refusals.Damaged();
        }

        return CheckSamples(file, layout) ?? size(layout.Width, layout.Height) ?? Pixels(file, layout, jpeg);
    }

    static DecodeResult.Refused? Check(DicomFile file)
    {
        var set = file.Set;
        var kind = set.Code(DicomTag.SopClass);
        if (!SopClass.IsRead(kind))
        {
            return Refusals.DicomKind(set.Find(DicomTag.Records) is null ? SopClass.NameOf(kind) : "the directory of a medium");
        }

        if (set.Find(DicomTag.PixelData) is not { } pixels || pixels.Length == 0)
        {
            return Refusals.DicomWithoutPixels();
        }

        if (set.Decimal(DicomTag.NumberOfFrames) is > 1)
        {
            return Refusals.SeveralFrames();
        }

        return file.Syntax switch
        {
            { Coding: PixelCoding.Other, Name: var name } => Refusals.DicomCoding(name),
            { Codec: { IsPresent: false, Package: var package }, Name: var name } => Refusals.DicomCodec(name, package),
            _ => null,
        };
    }

    static DecodeResult.Refused? CheckSamples(DicomFile file, PixelLayout layout) => layout switch
    {
        { BitsAllocated: not (8 or 16) } => Refusals.Bits(layout.BitsAllocated),
        { SamplesPerPixel: 1, Photometric: "MONOCHROME1" or "MONOCHROME2" } => null,
        // Without more, nobody can tell which colours a JPEG without transform holds.
        { SamplesPerPixel: 3, BitsAllocated: 8, BitsStored: 8, IsSigned: false } when layout.Photometric switch
        {
            "RGB" => file.Syntax.Coding is PixelCoding.Plain or PixelCoding.RunLength or PixelCoding.JpegLs or PixelCoding.Jpeg2000,
            "YBR_FULL" => file.Syntax.Coding is not PixelCoding.LosslessJpeg,
            "YBR_FULL_422" => file.Syntax.Coding is PixelCoding.Jpeg or PixelCoding.ExtendedJpeg,
            "YBR_RCT" or "YBR_ICT" => file.Syntax.Coding is PixelCoding.Jpeg2000,
            _ => false,
        } => null,
        _ => Refusals.ColourModel(),
    };

    static DecodeResult Pixels(DicomFile file, PixelLayout layout, Func<byte[], DecodeResult> jpeg)
    {
        var (grey, refused) = Samples(file, layout, jpeg);
        return refused is not null ? refused
            : grey is not null && layout.Finish(grey, file) is { } bits
                ? new DecodeResult.Decoded(new(layout.Width, layout.Height, bits, grey), ScanFormat.Dicom, DicomHeader.Of(file.Set))
                : Refusals.Damaged();
    }

    static (ushort[]? Grey, DecodeResult.Refused? Refused) Samples(DicomFile file, PixelLayout layout, Func<byte[], DecodeResult> jpeg)
    {
        var pixels = file.Set.Find(DicomTag.PixelData)!.Value;
        if (file.Syntax.Coding == PixelCoding.Plain)
        {
            return (pixels.IsEncapsulated ? null : Plain(file, layout, pixels.Kind), null);
        }

        if (!pixels.IsEncapsulated || file.Reader.Fragments(pixels) is not { } data)
        {
            return (null, null);
        }

        switch (file.Syntax.Coding)
        {
            case PixelCoding.RunLength:
                var planes = RunLength.Decode(data, layout.Pixels, layout.SamplesPerPixel, layout.BitsAllocated / 8);
                return (planes is null ? null : (layout with { IsByPlane = true }).Grey(planes, isBigEndian: false), null);
            case PixelCoding.LosslessJpeg:
                return (LosslessJpeg.Decode(data, layout.Width, layout.Height), null);
            case PixelCoding.JpegLs:
                return (JpegLs.Decode(data, layout with { IsLossy = file.Syntax.IsLossy }), null);
            case PixelCoding.Jpeg2000:
                return (Jpeg2000.Decode(data, layout with { IsLossy = file.Syntax.IsLossy }), null);
            case PixelCoding.ExtendedJpeg when layout is { BitsAllocated: 16, SamplesPerPixel: 1 }:
                // Twelve bits that the header lays elsewhere, or with a sign among fewer, are no film's that can be told.
                if (layout.HighBit != layout.BitsStored - 1 || (layout.IsSigned && layout.BitsStored < TwelveBitJpeg.Bits))
                {
                    return (null, null);
                }

                return JpegFile.Inspect(data, TwelveBitJpeg.Bits).Refusal is { } refusal
                    ? (null, refusal)
                    : (TwelveBitJpeg.Decode(data, layout.Width, layout.Height, layout.Largest), null);
            default:
                return jpeg(data) switch
                {
                    DecodeResult.Decoded { Image: var image } when (image.Width, image.Height) == (layout.Width, layout.Height) =>
                        (image.Samples, null),
                    DecodeResult.Refused no => (null, no),
                    _ => (null, null),
                };
        }
    }

    static ushort[]? Plain(DicomFile file, PixelLayout layout, string kind)
    {
        var data = file.Set.Bytes(DicomTag.PixelData);
        if (!(file.Set.IsBigEndian && layout.BitsAllocated == 8 && kind == "OW"))
        {
            return layout.Grey(data, file.Set.IsBigEndian);
        }

        // Two samples in one word of 16 bits, the first in its low byte (PS3.5, 8.2).
        var swapped = new byte[data.Length & ~1];
        for (var i = 0; i < swapped.Length; i++)
        {
            swapped[i] = data[i ^ 1];
        }

        return layout.Grey(swapped, isBigEndian: false);
    }
}
