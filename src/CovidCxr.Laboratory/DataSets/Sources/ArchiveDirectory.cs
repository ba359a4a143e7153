using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace CovidCxr.Laboratory.DataSets.Sources;

/// <summary>One entry as the directory of a zip describes it.</summary>
/// <param name="Name">As its writer meant it.</param>
/// <param name="Raw">As <see cref="System.IO.Compression.ZipArchive"/> reads it with <see cref="ArchiveDirectory.RawNames"/>: the same
/// entry has the same.</param>
/// <param name="Method">Of compression, by its number.</param>
sealed record ArchiveHeader(string Name, string Raw, int Method);

/// <summary>
/// Walks the central directory of a zip (PKWARE APPNOTE 4.3.12), before a library makes an object of each entry: counts them, and reads
/// what the library does not tell.
/// </summary>
static class ArchiveDirectory
{
    const int EndBytes = 22, LocatorBytes = 20, WideEndBytes = 56, MostComment = ushort.MaxValue, HeaderBytes = 46, MostExtra = 1 << 16,
    Utf8Flag = 0x800, UnicodePath = 0x7075;
    const uint EndMark = 0x06054b50, LocatorMark = 0x07064b50, WideEndMark = 0x06064b50, HeaderMark = 0x02014b50;

    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Keeps the bytes of a name that no flag calls UTF-8.</summary>
    public static Encoding RawNames => Encoding.Latin1;

    /// <returns>The entries in the directory's order; one more than <paramref name="most"/> where there are more.</returns>
    /// <exception cref="ImportRefusedException">The file is no zip.</exception>
    public static IReadOnlyList<ArchiveHeader> Read(Stream zip, int most)
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
                var isWide = declared == ushort.MaxValue || start == uint.MaxValue;
                return Walk(zip, (isWide ? WideStart(zip, zip.Length - tail.Length + at) : null) ?? start, most);
            }
        }

        throw new ImportRefusedException("The file is not a zip archive, or is cut short.");
    }

    // zip64, as archives above 4 GiB have it and writers that do not know beforehand how long they become (APPNOTE 4.3.14, 4.3.15).
    static long? WideStart(Stream zip, long end)
    {
        Span<byte> locator = stackalloc byte[LocatorBytes], wide = stackalloc byte[WideEndBytes];
        if (end < LocatorBytes)
        {
            return null;
        }

        zip.Seek(end - LocatorBytes, SeekOrigin.Begin);
        zip.ReadExactly(locator);
        var place = BinaryPrimitives.ReadInt64LittleEndian(locator[8..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(locator) != LocatorMark || place < 0 || place > zip.Length - WideEndBytes)
        {
            return null;
        }

        zip.Seek(place, SeekOrigin.Begin);
        zip.ReadExactly(wide);
        var start = BinaryPrimitives.ReadInt64LittleEndian(wide[48..]);
        return BinaryPrimitives.ReadUInt32LittleEndian(wide) == WideEndMark && start >= 0 && start <= zip.Length
            ? start
            : throw new ImportRefusedException("The archive is damaged: its end does not say where its directory is.");
    }

    static List<ArchiveHeader> Walk(Stream zip, long start, int most)
    {
        var (header, rest) = (new byte[HeaderBytes], new byte[2 * MostExtra]);
        var entries = new List<ArchiveHeader>();
        for (zip.Seek(start, SeekOrigin.Begin); entries.Count <= most && zip.ReadAtLeast(
            header, HeaderBytes, throwOnEndOfStream: false) == HeaderBytes;)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(header) != HeaderMark)
            {
                break;
            }

            var (name, extra) = (Number(28), Number(30));
            if (zip.ReadAtLeast(rest.AsSpan(0, name + extra), name + extra, throwOnEndOfStream: false) < name + extra)
            {
                break;
            }

            zip.Seek(Number(32), SeekOrigin.Current);
            var bytes = rest.AsSpan(0, name);
            var isUtf8 = (Number(8) & Utf8Flag) != 0;
            entries.Add(
                new(NameOf(bytes, rest.AsSpan(name, extra), isUtf8), (isUtf8 ? Encoding.UTF8 : RawNames).GetString(bytes), Number(10)));
        }

        return entries;

        int Number(int at) => BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(at));
    }

    // Without the flag a name is in code page 437 (APPNOTE D.1), but for writers that put UTF-8 there and do not say so.
    static string NameOf(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> extra, bool isUtf8)
    {
        if (isUtf8)
        {
            return Encoding.UTF8.GetString(bytes);
        }

        try
        {
            return Utf8.GetString(UnicodeName(bytes, extra) is { Length: > 0 } unicode ? unicode : bytes);
        }
        catch (DecoderFallbackException)
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(437)!.GetString(bytes);
        }
    }

    // Info-ZIP's extra field: version 1, the checksum of the other name, the name in UTF-8 (APPNOTE 4.6.9).
    static ReadOnlySpan<byte> UnicodeName(ReadOnlySpan<byte> name, ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            var (id, length) = (BinaryPrimitives.ReadUInt16LittleEndian(extra), BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]));
            if (length > extra.Length - 4)
            {
                break;
            }

            var field = extra.Slice(4, length);
            if (id == UnicodePath && field is [1, _, _, _, _, _, ..]
                && BinaryPrimitives.ReadUInt32LittleEndian(field[1..]) == Crc32.HashToUInt32(name))
            {
                return field[5..];
            }

            extra = extra[(4 + length)..];
        }

        return default;
    }
}
