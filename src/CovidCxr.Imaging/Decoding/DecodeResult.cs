namespace CovidCxr.Imaging.Decoding;

public enum ScanFormat
{
    Png,
    Jpeg,
    Tiff,
}

public enum RefusalReason
{
    Empty,
    FileTooLarge,
    NotAnImage,
    Dicom,
    TooManyPixels,
    TooSmall,
    SeveralFrames,
    UnsupportedSamples,
    Damaged,
    Blank,
    TooManyScans,
}

/// <summary>What became of a file: pixels, or a reason that a person can act on.</summary>
public abstract record DecodeResult
{
    private DecodeResult()
    {
    }

    public sealed record Decoded(GreyImage Image, ScanFormat Format) : DecodeResult;

    public sealed record Refused(RefusalReason Reason, string Message) : DecodeResult;
}
