using CovidCxr.Testing;

namespace CovidCxr.Imaging.Tests.Dicom;

/// <summary>Files of Golden/dicom.py: what was written and what it means.</summary>
/// <param name="Tolerance">Grey levels that a lossy coding may differ.</param>
sealed record DicomFixture(string Name, byte[] File, int Bits, ushort[] Samples, int Tolerance)
{
    public static IReadOnlyDictionary<string, DicomFixture> All { get; } =
        GoldenFile.Json<DicomFixture[]>("dicom.json").ToDictionary(f => f.Name);
}
