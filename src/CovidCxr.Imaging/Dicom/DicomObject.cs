using System.Security.Cryptography;

namespace CovidCxr.Imaging.Dicom;

/// <summary>Which object a DICOM file holds and what its header says, whatever its pixels are.</summary>
public sealed class DicomObject
{
    readonly DicomDataSet _set;

    DicomObject(DicomFile file)
    {
        (_set, Header) = (file.Set, DicomHeader.Of(file.Set));
        DataSetSha256 = Convert.ToHexStringLower(SHA256.HashData(file.Bytes.AsSpan(file.Start)));
    }

    public DicomHeader Header { get; }

    /// <summary>
    /// Of the data set without the meta group before it, which the receiving program writes: the same object sent twice has one hash. Hex.
    /// </summary>
    public string DataSetSha256 { get; }

    /// <param name="bytes">A whole file.</param>
    /// <param name="largest">Bytes that a deflated data set may have.</param>
    /// <returns>Null where it is no DICOM file or a damaged one.</returns>
    public static DicomObject? Read(byte[] bytes, long largest) =>
        DicomFile.IsDicom(bytes) && DicomFile.Open(bytes, largest) is { } file ? new(file) : null;

    /// <summary>A value as it stands in the file, for text and UIDs, whose bytes are the same in every coding.</summary>
    /// <returns>Empty where there is none.</returns>
    public byte[] Value(uint tag) => _set.Bytes(tag).ToArray();
}
