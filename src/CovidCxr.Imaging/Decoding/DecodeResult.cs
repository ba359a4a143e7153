using CovidCxr.Imaging.Dicom;

namespace CovidCxr.Imaging.Decoding;

public enum ScanFormat
{
    Png,
    Jpeg,
    Tiff,
    Dicom,
}

public enum RefusalReason
{
    Empty,
    FileTooLarge,
    NotAnImage,
    Dicom,
    TooManyPixels,
    TooSmall,
    TooLong,
    SeveralFrames,
    UnsupportedSamples,
    Damaged,
    Blank,
    TooManyScans,
    TooCostly,
    DecoderEnded,
}

/// <summary>What became of a file: pixels, or a reason that a person can act on.</summary>
public abstract record DecodeResult
{
    private DecodeResult()
    {
    }

    /// <param name="Header">What a DICOM file says of patient and picture; null for other formats.</param>
    public sealed record Decoded(GreyImage Image, ScanFormat Format, DicomHeader? Header = null) : DecodeResult;

    public sealed record Refused(RefusalReason Reason, string Message) : DecodeResult;
}
