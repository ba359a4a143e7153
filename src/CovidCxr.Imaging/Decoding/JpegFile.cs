using System.Buffers.Binary;

namespace CovidCxr.Imaging.Decoding;

/// <summary>
/// Walks a JPEG's markers and, where the picture is one scan, its Huffman codes. libjpeg draws on through damage and libvips does not look
/// at the end of the last scan, so without this a damaged film is a film with a black part. Several scans libjpeg reads to the end itself,
/// and warns. Damage that leaves valid codes and their number, in a JPEG without restart markers, cannot be known: the format has no
/// checksum. Source: ITU-T T.81, annex B.
/// </summary>
sealed class JpegFile
{
    /// <summary>Ordinary programs write about ten; each pass costs the whole picture's time.</summary>
    public const int MaxScans = 100;

    const ulong AllCoefficients = ulong.MaxValue;

    readonly JpegTables _tables = new();
    readonly int _bits;
    JpegFrame? _frame;
    int _scans;

    JpegFile(int bits = 8) => _bits = bits;

    /// <param name="bits">That its samples must have, 8 or 12.</param>
    public static Inspection Inspect(ReadOnlySpan<byte> bytes, int bits = 8) => new(new JpegFile(bits).Walk(bytes));

    /// <summary>A strip or tile of a TIFF: a JPEG whose tables stand once in the TIFF's directory.</summary>
    public static bool IsSound(ReadOnlySpan<byte> tables, ReadOnlySpan<byte> strip)
    {
        var file = new JpegFile();
        return (tables.IsEmpty || file.Walk(tables, isTables: true) is null) && file.Walk(strip) is null;
    }

    DecodeResult.Refused? Walk(ReadOnlySpan<byte> bytes, bool isTables = false)
    {
        if (!bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]))
        {
            return Refusals.Damaged();
        }

        var position = 2;
        while (NextMarker(bytes, ref position) is { } marker)
        {
            if (marker == JpegMarker.EndOfImage)
            {
                return isTables || _frame is { } whole && whole.Components.All(c => c.Sent == AllCoefficients) ? null : Refusals.Damaged();
            }

            if (!TrySegment(bytes, ref position, out var segment))
            {
                return Refusals.Damaged();
            }

            if ((marker == JpegMarker.StartOfScan ? Scan(segment, bytes, ref position) : Read(marker, segment)) is { } refused)
            {
                return refused;
            }
        }

        return Refusals.Damaged();
    }

    // Null at the end of the file and where no marker stands, which libjpeg would skip over.
    static byte? NextMarker(ReadOnlySpan<byte> bytes, ref int position)
    {
        if (position >= bytes.Length || bytes[position] != 0xFF)
        {
            return null;
        }

        while (position < bytes.Length && bytes[position] == 0xFF)
        {
            position++;
        }

        // Markers without a segment have no business here.
        return position < bytes.Length && bytes[position++] is > 1 and (< 0xD0 or > 0xD8) and var marker ? marker : null;
    }

    static bool TrySegment(ReadOnlySpan<byte> bytes, ref int position, out ReadOnlySpan<byte> segment)
    {
        segment = [];
        if (bytes.Length - position < 2
            || BinaryPrimitives.ReadUInt16BigEndian(bytes[position..]) is var length && (length < 2 || length > bytes.Length - position))
        {
            return false;
        }

        segment = bytes.Slice(position + 2, length - 2);
        position += length;
        return true;
    }

    DecodeResult.Refused? Read(byte marker, ReadOnlySpan<byte> segment) => marker switch
    {
        0xC0 or 0xC1 or 0xC2 when _frame is null => ReadFrame(marker, segment),
        0xC3 => Refusals.JpegProcess("lossless"),
        0xC9 or 0xCA => Refusals.JpegProcess("arithmetic-coded"),
        0xC5 or 0xC6 or 0xC7 or 0xCB or 0xCD or 0xCE or 0xCF => Refusals.JpegProcess("hierarchical"),
        0xC0 or 0xC1 or 0xC2 => Refusals.Damaged(),
        JpegMarker.Huffman => _tables.TryReadHuffman(segment) ? null : Refusals.Damaged(),
        JpegMarker.Quantisation => _tables.TryReadQuantisation(segment) ? null : Refusals.Damaged(),
        JpegMarker.RestartInterval => _tables.TryReadRestartInterval(segment) ? null : Refusals.Damaged(),
        _ => null,
    };

    DecodeResult.Refused? ReadFrame(byte marker, ReadOnlySpan<byte> segment)
    {
        if (segment.Length > 0 && segment[0] is >= 8 and <= 16 && segment[0] != _bits)
        {
            return Refusals.Bits(segment[0]);
        }

        _frame = JpegFrame.Read(segment, _bits, isProgressive: marker == 0xC2);
        return _frame is null ? Refusals.Damaged() : null;
    }

    DecodeResult.Refused? Scan(ReadOnlySpan<byte> segment, ReadOnlySpan<byte> bytes, ref int position)
    {
        if (++_scans > MaxScans)
        {
            return Refusals.TooManyScans(MaxScans);
        }

        var start = position;
        if (_frame is null || JpegScan.Read(segment, _frame) is not { } scan || !TryEndOfScan(bytes, ref position) || !scan.TrySend(_frame))
        {
            return Refusals.Damaged();
        }

        var isOnlyScan = !_frame.IsProgressive && scan.Components.Length == _frame.Components.Length;
        return isOnlyScan && !JpegEntropy.IsSound(bytes[start..position], _frame, scan, _tables) ? Refusals.Damaged() : null;
    }

    // Stops at the marker after the scan. Restart markers count from 0 to 7 and round again, and only where an interval is set.
    bool TryEndOfScan(ReadOnlySpan<byte> bytes, ref int position)
    {
        for (var restart = 0; ;)
        {
            var next = bytes[position..].IndexOf((byte)0xFF);
            if (next < 0 || position + next + 1 >= bytes.Length)
            {
                return false;
            }

            position += next;
            switch (bytes[position + 1])
            {
                case 0:
                    position += 2;
                    break;
                case 0xFF:
                    position++;
                    break;
                case >= 0xD0 and <= 0xD7 and var marker when _tables.RestartInterval > 0 && (marker & 7) == restart:
                    (position, restart) = (position + 2, (restart + 1) & 7);
                    break;
                case >= 0xD0 and <= 0xD7:
                    return false;
                default:
                    return true;
            }
        }
    }
}

static class JpegMarker
{
    public const byte Huffman = 0xC4;
    public const byte EndOfImage = 0xD9;
    public const byte StartOfScan = 0xDA;
    public const byte Quantisation = 0xDB;
    public const byte RestartInterval = 0xDD;
}
