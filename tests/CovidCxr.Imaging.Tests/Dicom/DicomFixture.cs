using CovidCxr.Imaging.Dicom;
using CovidCxr.Testing;

namespace CovidCxr.Imaging.Tests.Dicom;

/// <summary>Files of Golden/dicom.py: what was written and what it means.</summary>
/// <param name="Tolerance">Grey levels that a lossy coding may differ.</param>
sealed record DicomFixture(string Name, byte[] File, int Bits, ushort[] Samples, int Tolerance)
{
    public static IReadOnlyDictionary<string, DicomFixture> All { get; } =
        GoldenFile.Json<DicomFixture[]>("dicom.json").ToDictionary(f => f.Name);

    /// <summary>Skips the test where a file needs a library that is not installed here.</summary>
    public static void NeedCodec(string name)
    {
        var codec = name.StartsWith("JPEG-LS", StringComparison.Ordinal) ? JpegLs.Codec
            : name.StartsWith("JPEG 2000", StringComparison.Ordinal) ? Jpeg2000.Codec : null;
        Assert.SkipWhen(codec is { IsPresent: false }, $"Not installed here: {codec?.Package}.");
    }
}
