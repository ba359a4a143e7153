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

    /// <summary>Uploads rarely overlap, and each process keeps a hundred megabytes or more while it waits.</summary>
    public const int DefaultDecoders = 2;

    /// <summary>The slowest honest kind, 40 megapixels of interlaced colour, takes a third of it on one slow core.</summary>
    public const int DefaultDecodeSeconds = 10;

    /// <summary>Interlaced, 40 megapixels of 16-bit colour with alpha are 320 MB; the file 50, grey samples 80, the runtime 60.</summary>
    public const int DefaultDecodeMegabytes = 768;

    /// <summary>Megapixels, 1 to 200.</summary>
    public int MaxMegapixels { get; set; } = DefaultMaxMegapixels;

    /// <summary>Megabytes (2^20 bytes), 1 to 500.</summary>
    public int MaxFileMegabytes { get; set; } = DefaultMaxFileMegabytes;

    /// <summary>Pixels, 1 to 1024.</summary>
    public int MinSidePixels { get; set; } = DefaultMinSidePixels;

    /// <summary>Processes that decode for the server, and so files decoded at once. 1 to 64.</summary>
    public int Decoders { get; set; } = DefaultDecoders;

    /// <summary>Seconds of processor that one file may take, 1 to 600. By the clock it may take three times as many.</summary>
    public int DecodeSeconds { get; set; } = DefaultDecodeSeconds;

    /// <summary>Megabytes (2^20 bytes) that a process which decodes may hold, 256 to 16384.</summary>
    public int DecodeMegabytes { get; set; } = DefaultDecodeMegabytes;

    public long MaxFileBytes => MaxFileMegabytes * 1024L * 1024L;

    /// <summary>Bytes that an inflated DICOM data set may have: two of a sample, or three of colour, and the header.</summary>
    public long LargestDataSet => (MaxMegapixels * 3_000_000L) + MaxFileBytes;
}
