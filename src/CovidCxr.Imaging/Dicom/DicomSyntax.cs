namespace CovidCxr.Imaging.Dicom;

enum PixelCoding
{
    Plain,
    RunLength,
    Jpeg,

    /// <summary>Of 8 or 12 bits.</summary>
    ExtendedJpeg,
    LosslessJpeg,
    JpegLs,
    Jpeg2000,

    /// <summary>Not read; the syntax has a name for the person.</summary>
    Other,
}

/// <summary>A transfer syntax (PS3.5, annex A): how the data set and its pixels are written.</summary>
/// <param name="Name">What a person knows it by.</param>
/// <param name="Codec">What decodes it; null for what this program decodes by itself.</param>
/// <param name="IsLossy">Samples may come out a little beyond the values that were stored.</param>
sealed record DicomSyntax(string Name, PixelCoding Coding, bool IsDeflated = false, NativeCodec? Codec = null, bool IsLossy = false)
{
    const string Root = "1.2.840.10008.1.2";

    public static DicomSyntax Plain { get; } = new("uncompressed", PixelCoding.Plain);

    /// <summary>Those that are read, the one that costs least first, and those that lose something last.</summary>
    public static IReadOnlyList<(string Uid, string Name)> Read { get; } =
    [
        (Root + ".1", "Explicit VR Little Endian"),
        (Root, "Implicit VR Little Endian"),
        (Root + ".2", "Explicit VR Big Endian"),
        (Root + ".1.99", "Deflated Explicit VR Little Endian"),
        (Root + ".5", "RLE Lossless"),
        (Root + ".4.70", "JPEG Lossless, First-Order Prediction"),
        (Root + ".4.57", "JPEG Lossless, Non-Hierarchical"),
        (Root + ".4.80", "JPEG-LS Lossless"),
        (Root + ".4.90", "JPEG 2000 Lossless Only"),
        (Root + ".4.50", "JPEG Baseline, 8 bit"),
        (Root + ".4.51", "JPEG Extended, 12 bit"),
        (Root + ".4.81", "JPEG-LS Near-Lossless"),
        (Root + ".4.91", "JPEG 2000"),
    ];

    public static DicomSyntax Of(string uid) => uid switch
    {
        "" or Root or Root + ".1" or Root + ".2" => Plain,
        Root + ".1.99" => Plain with { IsDeflated = true },
        Root + ".5" => new("RLE", PixelCoding.RunLength),
        Root + ".4.50" => new("JPEG", PixelCoding.Jpeg),
        Root + ".4.51" => new("JPEG extended (12 bit)", PixelCoding.ExtendedJpeg),
        Root + ".4.57" or Root + ".4.70" => new("lossless JPEG", PixelCoding.LosslessJpeg),
        Root + ".4.80" or Root + ".4.81" => new(
            "JPEG-LS", PixelCoding.JpegLs, Codec: JpegLs.Codec, IsLossy: uid.EndsWith('1')),
        Root + ".4.90" or Root + ".4.91" => new(
            "JPEG 2000", PixelCoding.Jpeg2000, Codec: Jpeg2000.Codec, IsLossy: uid.EndsWith('1')),
        Root + ".4.92" or Root + ".4.93" => Other("JPEG 2000 of several components"),
        Root + ".4.110" or Root + ".4.111" or Root + ".4.112" => Other("JPEG XL"),
        Root + ".4.201" or Root + ".4.202" or Root + ".4.203" => Other("High-Throughput JPEG 2000"),
        _ when uid.StartsWith(Root + ".4.10", StringComparison.Ordinal) => Other("MPEG"),
        _ when uid.StartsWith(Root + ".4.", StringComparison.Ordinal) => Other("a retired or new kind of JPEG"),
        _ => Other("a coding that is not known here"),
    };

    static DicomSyntax Other(string name) => new(name, PixelCoding.Other);
}
