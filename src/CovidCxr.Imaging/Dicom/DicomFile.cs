using System.Buffers.Binary;
using System.IO.Compression;

namespace CovidCxr.Imaging.Dicom;

/// <summary>A DICOM file (PS3.10), with or without preamble and meta group, up to its pixels.</summary>
/// <param name="Start">Where the data set begins.</param>
sealed record DicomFile(byte[] Bytes, DicomSyntax Syntax, DicomDataSet Set, DicomReader Reader, int Start)
{
    const int Preamble = 128;

    /// <summary>Whether the bytes begin as a DICOM file does; also one that lost its preamble or its meta group.</summary>
    public static bool IsDicom(ReadOnlySpan<byte> bytes) => HasPreamble(bytes) || StartOf(bytes, 0) is not null;

    public static bool HasPreamble(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= Preamble + 4 && bytes.Slice(Preamble, 4).SequenceEqual("DICM"u8);

    /// <param name="largest">Bytes that a deflated data set may have.</param>
    /// <param name="elements">The most that are read.</param>
    /// <returns>Null where the file is damaged.</returns>
    public static DicomFile? Open(byte[] bytes, long largest, int elements = DicomReader.MaxElements)
    {
        var (start, reader) = (HasPreamble(bytes) ? Preamble + 4 : 0, new DicomReader(bytes, elements));
        var syntax = DicomSyntax.Plain;
        if (bytes.Length - start >= 8 && BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(start)) == 2)
        {
            var isExplicit = char.IsAsciiLetterUpper((char)bytes[start + 4]);
            if (reader.Read(start, bytes.Length, 2, isExplicit, false, out start) is not { } meta)
            {
                return null;
            }

            syntax = DicomSyntax.Of(meta.Code(DicomTag.TransferSyntax));
        }

        if (syntax.IsDeflated)
        {
            if (Inflate(bytes, start, largest) is not { } inflated)
            {
                return null;
            }

            (bytes, start, reader) = (inflated, 0, new DicomReader(inflated, elements));
        }

        // Files that declare one writing and have another are common: the first element shows which.
        return StartOf(bytes, start) is var (isExplicitSet, isBigEndian)
            && reader.Read(start, bytes.Length, 0xFFFD, isExplicitSet, isBigEndian, out _) is { } set
            ? new(bytes, syntax, set, reader, start)
            : null;
    }

    // The first element of a data set is of group 8, of an object that lost its meta group too; that of a directory is of group 4.
    static (bool IsExplicit, bool IsBigEndian)? StartOf(ReadOnlySpan<byte> bytes, int start)
    {
        if (bytes.Length - start < 16)
        {
            return null;
        }

        var head = bytes.Slice(start, 8);
        var isExplicit = char.IsAsciiLetterUpper((char)head[4]) && char.IsAsciiLetterUpper((char)head[5]);
        return (head[0], head[1]) switch
        {
            (2 or 4 or 8, 0) when isExplicit || BinaryPrimitives.ReadUInt32LittleEndian(head[4..]) <= 1024 => (isExplicit, false),
            (0, 8) when isExplicit || BinaryPrimitives.ReadUInt32BigEndian(head[4..]) <= 1024 => (isExplicit, true),
            _ => null,
        };
    }

    static byte[]? Inflate(byte[] bytes, int start, long largest)
    {
        try
        {
            using var inflater = new DeflateStream(new MemoryStream(bytes, start, bytes.Length - start), CompressionMode.Decompress);
            using var inflated = new MemoryStream();
            var buffer = new byte[81920];
            for (int count; (count = inflater.Read(buffer)) > 0;)
            {
                if (inflated.Length + count > largest)
                {
                    return null;
                }

                inflated.Write(buffer, 0, count);
            }

            return inflated.ToArray();
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
