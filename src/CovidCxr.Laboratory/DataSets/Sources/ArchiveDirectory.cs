using System.Buffers.Binary;

namespace CovidCxr.Laboratory.DataSets.Sources;

/// <summary>Counts the entries of a zip by walking its central directory (PKWARE APPNOTE 4.3.12), before a library makes an object of each.</summary>
static class ArchiveDirectory
{
    const int EndBytes = 22, MostComment = ushort.MaxValue, HeaderBytes = 46;
    const uint EndMark = 0x06054b50, HeaderMark = 0x02014b50;

    /// <returns>The number of entries; more than <paramref name="most"/> as soon as there are more, or where the archive declares more than 65,534.</returns>
    /// <exception cref="ImportRefusedException">The file is no zip.</exception>
    public static int Count(Stream zip, int most)
    {
        var tail = new byte[(int)Math.Min(zip.Length, EndBytes + MostComment)];
        zip.Seek(-tail.Length, SeekOrigin.End);
        zip.ReadExactly(tail);
        for (var at = tail.Length - EndBytes; at >= 0; at--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at)) == EndMark)
            {
                var declared = BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(at + 10));
                var start = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at + 16));
                return declared == ushort.MaxValue || start == uint.MaxValue ? int.MaxValue : Walk(zip, start, most);
            }
        }

        throw new ImportRefusedException("The file is not a zip archive, or is cut short.");
    }

    static int Walk(Stream zip, long start, int most)
    {
        var header = new byte[HeaderBytes];
        var count = 0;
        for (zip.Seek(start, SeekOrigin.Begin); count <= most && zip.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) == HeaderBytes; count++)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(header) != HeaderMark)
            {
                break;
            }

            int Length(int at) => BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(at));
            zip.Seek(Length(28) + Length(30) + Length(32), SeekOrigin.Current);
        }

        return count;
    }
}
