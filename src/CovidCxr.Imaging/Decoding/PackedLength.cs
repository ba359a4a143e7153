using System.IO.Compression;

namespace CovidCxr.Imaging.Decoding;

/// <summary>
/// How many bytes a packed strip or tile unpacks to, without unpacking it where that can be helped. libtiff stops when its buffer is full
/// and so overlooks damage that makes the rest too long.
/// </summary>
static class PackedLength
{
    const int Buffer = 1 << 16;

    // The end's code of LZW, the rest of its byte, and a byte that evens out.
    const int EndBits = 32;

    /// <summary>A run's length and its byte, or a count and as many bytes. Source: TIFF 6.0, section 9.</summary>
    /// <returns>-1 where the last run is cut.</returns>
    public static long OfPackBits(ReadOnlySpan<byte> packed)
    {
        var total = 0L;
        while (!packed.IsEmpty)
        {
            var head = (sbyte)packed[0];
            var (taken, given) = head switch { >= 0 => (head + 2, head + 1), sbyte.MinValue => (1, 0), _ => (2, 1 - head) };
            if (taken > packed.Length)
            {
                return -1;
            }

            total += given;
            packed = packed[taken..];
        }

        return total;
    }

    /// <summary>
    /// Codes of 9 to 12 bits, each a string of the table: its length is the one before it and one more. Source: TIFF 6.0, section 13.
    /// </summary>
    /// <param name="isWhole">Whether that many bytes are what the piece should hold. Then its last bytes are not read: libtiff of old wrote
    /// the end's code in the width before where the last string made the codes wider.</param>
    /// <returns>-1 where a code is not in the table yet.</returns>
    public static long OfLzw(ReadOnlySpan<byte> packed, Func<long, bool> isWhole)
    {
        const int Clear = 256, End = 257, Codes = 4096;
        var lengths = new int[Codes];
        lengths.AsSpan(0, Clear).Fill(1);
        var (total, width, next, before) = (0L, 9, End + 1, 0);
        for (long at = 0; at + width <= 8L * packed.Length;)
        {
            var code = Bits(packed, at, width);
            at += width;
            if (code == End)
            {
                return total;
            }

            if (code == Clear)
            {
                (width, next, before) = (9, End + 1, 0);
                continue;
            }

            // A code that is being made just now repeats the string before it and its first byte.
            var length = code < next ? lengths[code] : code == next && before > 0 ? before + 1 : 0;
            if (length == 0)
            {
                return -1;
            }

            if (before > 0 && next < Codes)
            {
                lengths[next++] = before + 1;
            }

            (total, before) = (total + length, length);
            if ((8L * packed.Length) - at <= EndBits && isWhole(total))
            {
                return total;
            }

            // TIFF's encoders widen one code early.
            width = next + 1 >= 1 << width && width < 12 ? width + 1 : width;
        }

        return total;
    }

    /// <summary>Unpacks it, for the checksum at its end, which libtiff does not look at.</summary>
    /// <returns>-1 where it is no zlib stream, is cut, or its checksum is wrong; a number above <paramref name="limit"/> where it is
    /// longer.</returns>
    public static long OfDeflate(byte[] bytes, int start, int length, long limit)
    {
        try
        {
            using var zlib = new ZLibStream(new MemoryStream(bytes, start, length), CompressionMode.Decompress);
            var (buffer, total) = (new byte[Buffer], 0L);
            for (var count = zlib.Read(buffer); count > 0 && total <= limit; count = zlib.Read(buffer))
            {
                total += count;
            }

            return total;
        }
        catch (InvalidDataException)
        {
            return -1;
        }
    }

    static int Bits(ReadOnlySpan<byte> packed, long at, int width)
    {
        var first = (int)(at >> 3);
        var window = (packed[first] << 16) | (packed[first + 1] << 8) | (first + 2 < packed.Length ? packed[first + 2] : 0);
        return (window >> (24 - width - (int)(at & 7))) & ((1 << width) - 1);
    }
}
