using System.Buffers.Binary;

namespace CovidCxr.Imaging.Decoding;

/// <summary>The numbers of TIFF 6.0's fields that decide what and where the pixels are.</summary>
static class TiffTag
{
    public const int NewSubfileType = 254;
    public const int OldSubfileType = 255;
    public const int Width = 256;
    public const int Height = 257;
    public const int BitsPerSample = 258;
    public const int Compression = 259;
    public const int Photometric = 262;
    public const int FillOrder = 266;
    public const int StripOffsets = 273;
    public const int Orientation = 274;
    public const int SamplesPerPixel = 277;
    public const int RowsPerStrip = 278;
    public const int StripByteCounts = 279;
    public const int PlanarConfiguration = 284;
    public const int TileWidth = 322;
    public const int TileLength = 323;
    public const int TileOffsets = 324;
    public const int TileByteCounts = 325;
    public const int SubDirectories = 330;
    public const int SampleFormat = 339;
    public const int JpegTables = 347;
}

/// <summary>
/// Reads directories of classic TIFF and BigTIFF, in both byte orders. No offset is followed before it is checked against the file's
/// length.
/// </summary>
/// <param name="IsBigEndian">"MM".</param>
/// <param name="IsBigTiff">Offsets and counts have 64 bits.</param>
/// <param name="First">Where the first directory is.</param>
readonly record struct TiffReader(bool IsBigEndian, bool IsBigTiff, ulong First)
{
    // A film has a few dozen. BigTIFF could count to 2^64, and directories may lie within each other.
    const int MaxEntries = 4096;

    /// <returns>Null where this is no header of a TIFF.</returns>
    public static TiffReader? Open(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8 || !(bytes.StartsWith("II"u8) || bytes.StartsWith("MM"u8)))
        {
            return null;
        }

        var plain = new TiffReader(bytes[0] == 'M', false, 0);
        return plain.Number(bytes[2..], 2) switch
        {
            42 => plain with { First = plain.Number(bytes[4..], 4) },
            43 when bytes.Length >= 16 && plain.Number(bytes[4..], 2) == 8 =>
                plain with { IsBigTiff = true, First = plain.Number(bytes[8..], 8) },
            _ => null,
        };
    }

    public ulong Number(ReadOnlySpan<byte> bytes, int size) => (size, IsBigEndian) switch
    {
        (1, _) => bytes[0],
        (2, false) => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        (2, true) => BinaryPrimitives.ReadUInt16BigEndian(bytes),
        (4, false) => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        (4, true) => BinaryPrimitives.ReadUInt32BigEndian(bytes),
        (_, false) => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        (_, true) => BinaryPrimitives.ReadUInt64BigEndian(bytes),
    };

    /// <returns>False where the directory has no entry or absurdly many, or they reach beyond the end of the file.</returns>
    public bool TryDirectory(ReadOnlySpan<byte> bytes, ulong offset, out TiffDirectory directory)
    {
        directory = TiffDirectory.Empty;
        var (countSize, entrySize, pointer) = IsBigTiff ? (8, 20, 8) : (2, 12, 4);
        if (offset < 8 || offset > (ulong)bytes.Length || (ulong)bytes.Length - offset < (ulong)countSize)
        {
            return false;
        }

        var rest = bytes[(int)offset..];
        var count = Number(rest, countSize);
        if (count is 0 or > MaxEntries || count > (ulong)((rest.Length - countSize) / entrySize))
        {
            return false;
        }

        var entries = new Dictionary<int, TiffEntry>((int)count);
        for (var i = 0; i < (int)count; i++)
        {
            var at = countSize + (i * entrySize);
            var entry = rest.Slice(at, entrySize);
            // Of two entries with one tag libtiff reads the first.
            entries.TryAdd(
                (int)Number(entry, 2), new((int)Number(entry[2..], 2), Number(entry[4..], pointer), (int)offset + at + 4 + pointer));
        }

        var end = countSize + ((int)count * entrySize);
        directory = new(this, entries, rest.Length - end >= pointer ? Number(rest[end..], pointer) : null);
        return true;
    }
}

/// <param name="Type">1..18, which gives the size of a value.</param>
/// <param name="Count">How many values.</param>
/// <param name="Position">Where in the file the values are, or the offset of where they are.</param>
readonly record struct TiffEntry(int Type, ulong Count, int Position);

/// <param name="Next">Where the next directory is; 0: this is the last; null: the file ends before it is said.</param>
sealed record TiffDirectory(TiffReader Reader, IReadOnlyDictionary<int, TiffEntry> Entries, ulong? Next)
{
    public static TiffDirectory Empty { get; } = new(default, new Dictionary<int, TiffEntry>(), null);

    public bool Has(int tag) => Entries.ContainsKey(tag);

    /// <summary>How many values the tag declares, 0 where it is absent.</summary>
    public ulong Count(int tag) => Entries.TryGetValue(tag, out var entry) ? entry.Count : 0;

    /// <param name="most">No more than these first values are read.</param>
    /// <returns>Empty where the tag is absent, has no whole numbers, or lies beyond the end of the file.</returns>
    public ulong[] Values(ReadOnlySpan<byte> bytes, int tag, int most)
    {
        var size = Entries.TryGetValue(tag, out var entry) ? SizeOf(entry.Type) : 0;
        var data = size == 0 ? [] : Data(bytes, entry, size);
        var values = new ulong[size == 0 ? 0 : Math.Min(most, data.Length / size)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Reader.Number(data[(i * size)..], size);
        }

        return values;
    }

    /// <returns>The first value, or <paramref name="absent"/> where the tag is absent; null where it stands there and cannot be
    /// read.</returns>
    public ulong? Value(ReadOnlySpan<byte> bytes, int tag, ulong? absent) =>
        !Has(tag) ? absent : Values(bytes, tag, 1) is [var first] ? first : null;

    /// <returns>The bytes of a field of bytes; empty where it is absent or lies beyond the end of the file.</returns>
    public ReadOnlySpan<byte> Bytes(ReadOnlySpan<byte> bytes, int tag) =>
        Entries.TryGetValue(tag, out var entry) ? Data(bytes, entry, 1) : [];

    ReadOnlySpan<byte> Data(ReadOnlySpan<byte> bytes, TiffEntry entry, int size)
    {
        var pointer = Reader.IsBigTiff ? 8 : 4;
        if (entry.Count > (ulong)(bytes.Length / size))
        {
            return [];
        }

        var length = (int)entry.Count * size;
        var at = length <= pointer ? (ulong)entry.Position : Reader.Number(bytes[entry.Position..], pointer);
        return at > (ulong)(bytes.Length - length) ? [] : bytes.Slice((int)at, length);
    }

    // Bytes, shorts, longs and offsets; fractions and texts decide nothing here. Types: TIFF 6.0, 2; BigTIFF adds 16 and 18.
    static int SizeOf(int type) => type switch
    {
        1 or 7 => 1,
        3 => 2,
        4 or 13 => 4,
        16 or 18 => 8,
        _ => 0,
    };
}
