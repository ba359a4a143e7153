using CovidCxr.Imaging.Dicom;

namespace CovidCxr.Imaging.Decoding;

/// <summary>What a file is by its first bytes; its name and declared type are never believed.</summary>
static class FileSignature
{
    static ReadOnlySpan<byte> Png => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    static ReadOnlySpan<byte> Jpeg => [0xFF, 0xD8, 0xFF];

    public static ScanFormat? Sniff(ReadOnlySpan<byte> bytes) => bytes switch
    {
        // Its preamble may be another format's.
        _ when DicomFile.HasPreamble(bytes) => ScanFormat.Dicom,
        _ when bytes.StartsWith(Png) => ScanFormat.Png,
        _ when bytes.StartsWith(Jpeg) => ScanFormat.Jpeg,
        _ when bytes.StartsWith("II*\0"u8) || bytes.StartsWith("MM\0*"u8) => ScanFormat.Tiff,
        // BigTIFF: offsets of 64 bits.
        _ when bytes.StartsWith("II+\0"u8) || bytes.StartsWith("MM\0+"u8) => ScanFormat.Tiff,
        _ when DicomFile.IsDicom(bytes) => ScanFormat.Dicom,
        _ => null,
    };
}
