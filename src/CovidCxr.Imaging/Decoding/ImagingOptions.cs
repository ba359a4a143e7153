namespace CovidCxr.Imaging.Decoding;

/// <summary>What a file may cost before it is decoded. Checked against its header, so a refusal costs no memory.</summary>
public sealed class ImagingOptions
{
    public const string Section = "Imaging";

    /// <summary>
    /// A 43 x 35 cm detector at 0.1 mm has 15 megapixels; 40 leaves room and bounds one decode to 80 MB of samples, the file, and (turned
    /// or interlaced) its channels once.
    /// </summary>
    public const int DefaultMaxMegapixels = 40;

    /// <summary>A 40-megapixel 16-bit image is at most 80 MB raw and compresses to less than this.</summary>
    public const int DefaultMaxFileMegabytes = 50;

    /// <summary>Below this no chest can be read.</summary>
    public const int DefaultMinSidePixels = 64;

    /// <summary>Megapixels, 1 to 200.</summary>
    public int MaxMegapixels { get; set; } = DefaultMaxMegapixels;

    /// <summary>Megabytes (2^20 bytes), 1 to 500.</summary>
    public int MaxFileMegabytes { get; set; } = DefaultMaxFileMegabytes;

    /// <summary>Pixels, 1 to 1024.</summary>
    public int MinSidePixels { get; set; } = DefaultMinSidePixels;

    public long MaxFileBytes => MaxFileMegabytes * 1024L * 1024L;

    /// <summary>Bytes that an inflated DICOM data set may have: two of a sample, or three of colour, and the header.</summary>
    public long LargestDataSet => (MaxMegapixels * 3_000_000L) + MaxFileBytes;
}
