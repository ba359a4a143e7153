using System.Buffers.Binary;

namespace CovidCxr.Imaging.Dicom;

/// <summary>
/// What a JPEG 2000 codestream says of itself, read without memory of its size, and whether its parts are all there. Source: ISO/IEC
/// 15444-1, annexes A (codestream) and I (boxes around it).
/// </summary>
/// <param name="Start">Where in the data the codestream lies, and how long it is.</param>
/// <param name="Bits">Of every component, 1 to 38.</param>
/// <param name="HasColourTransform">The first three components are turned into red, green and blue by decoding.</param>
readonly record struct Jpeg2000Header(
    int Start, int Length, uint Width, uint Height, int Components, int Bits, bool IsSigned, bool HasColourTransform)
{
    /// <summary>A film of 40 megapixels in tiles of 128 x 128 has 2500; the library takes kilobytes for each before it reads one.</summary>
    const int MaxTiles = 4096;

    const ushort StartOfCodestream = 0xFF4F, Size = 0xFF51, Coding = 0xFF52, StartOfTile = 0xFF90, EndOfCodestream = 0xFFD9;

    const uint Signature = 0x6A502020, HeaderBox = 0x6A703268, CodestreamBox = 0x6A703263;

    // Palettes, and channels in another order.
    static readonly uint[] Remapping = [0x70636C72, 0x636D6170, 0x63646566];

    /// <returns>Null where it is damaged, incomplete, or of a kind that no film is.</returns>
    public static Jpeg2000Header? Read(ReadOnlySpan<byte> data) => Find(data) is var (start, length)
        ? ReadCodestream(data.Slice(start, length)) is { } header ? header with { Start = start, Length = length } : null
        : null;

    // Files often keep the boxes of a JP2 file around the codestream, which the standard does not want (PS3.5, A.4.4).
    static (int Start, int Length)? Find(ReadOnlySpan<byte> data)
    {
        if (data.Length < 12 || Long(data, 4) != Signature)
        {
            return (0, data.Length);
        }

        for (var at = 0; NextBox(data, at) is var (kind, start, end); at = end)
        {
            if (kind == CodestreamBox)
            {
                return (start, end - start);
            }

            if (kind == HeaderBox && Remaps(data[start..end]))
            {
                return null;
            }
        }

        return null;
    }

    static bool Remaps(ReadOnlySpan<byte> boxes)
    {
        for (var at = 0; NextBox(boxes, at) is var (kind, _, end); at = end)
        {
            if (Remapping.Contains(kind))
            {
                return true;
            }
        }

        return false;
    }

    // A length of 0 goes to the end; of 1, which means 64 bits, no film's box is.
    static (uint Kind, int Start, int End)? NextBox(ReadOnlySpan<byte> data, int at)
    {
        if (data.Length - at < 8)
        {
            return null;
        }

        var length = Long(data, at) is 0 ? (uint)(data.Length - at) : Long(data, at);
        return length >= 8 && length <= data.Length - at ? (Long(data, at + 4), at + 8, at + (int)length) : null;
    }

    static Jpeg2000Header? ReadCodestream(ReadOnlySpan<byte> data)
    {
        if (data.Length < 4 || Word(data, 0) != StartOfCodestream || Word(data, 2) != Size)
        {
            return null;
        }

        Jpeg2000Header? header = null;
        var (hasColourTransform, tiles) = (false, 0L);
        for (var at = 2; data.Length - at >= 4;)
        {
            var marker = Word(data, at);
            if (marker == StartOfTile)
            {
                return header is { } read && AreTilesThere(data, at, (int)tiles)
                    ? read with { HasColourTransform = hasColourTransform }
                    : null;
            }

            int length = Word(data, at + 2);
            if (marker < 0xFF00 || length < 2 || length > data.Length - at - 2)
            {
                return null;
            }

            var segment = data.Slice(at + 4, length - 2);
            switch (marker)
            {
                case Size when header is not null || (header = ReadSize(segment, out tiles)) is null:
                    return null;
                case Coding when segment.Length >= 5:
                    hasColourTransform = segment[4] == 1;
                    break;
                default:
                    break;
            }

            at += 2 + length;
        }

        return null;
    }

    // Annex A.5.1.
    static Jpeg2000Header? ReadSize(ReadOnlySpan<byte> segment, out long tiles)
    {
        const int ofComponents = 36;
        tiles = 0;
        if (segment.Length < ofComponents + 3)
        {
            return null;
        }

        var (width, height, left, top) = (Long(segment, 2), Long(segment, 6), Long(segment, 10), Long(segment, 14));
        var (tileWidth, tileHeight, tileLeft, tileTop) = (Long(segment, 18), Long(segment, 22), Long(segment, 26), Long(segment, 30));
        int components = Word(segment, 34);
        if (left >= width || top >= height || tileWidth == 0 || tileHeight == 0 || tileLeft > left || tileTop > top
            || components is not (1 or 3) || segment.Length != ofComponents + (3 * components))
        {
            return null;
        }

        tiles = Parts((long)width - tileLeft, tileWidth) * Parts((long)height - tileTop, tileHeight);
        var first = segment.Slice(ofComponents, 3);
        for (var at = ofComponents; at < segment.Length; at += 3)
        {
            // All of one kind, and none of fewer samples than pixels.
            if (segment[at] != first[0] || segment[at + 1] != 1 || segment[at + 2] != 1)
            {
                return null;
            }
        }

        return tiles is >= 1 and <= MaxTiles
            ? new(0, 0, width - left, height - top, components, (first[0] & 0x7F) + 1, first[0] >> 7 == 1, false)
            : null;
    }

    // From tile-part to tile-part, by the length that each says, up to the end: what was cut off is missed here. A tile may say how many
    // parts it has; some writers say one less.
    static bool AreTilesThere(ReadOnlySpan<byte> data, int at, int tiles)
    {
        var (found, declared) = (new int[tiles], new int[tiles]);
        while (data.Length - at >= 12 && Word(data, at) == StartOfTile)
        {
            var (tile, length) = (Word(data, at + 4), Long(data, at + 6));
            if (Word(data, at + 2) != 10 || tile >= tiles)
            {
                return false;
            }

            found[tile]++;
            declared[tile] = Math.Max(Math.Max(declared[tile], (int)data[at + 11]), 1);
            if (length == 0)
            {
                // The last one, up to the end.
                at = data.LastIndexOfAnyExcept((byte)0, (byte)0xFF) - 1;
                break;
            }

            if (length < 14 || length > data.Length - at)
            {
                return false;
            }

            at += (int)length;
        }

        return found.Zip(declared).All(t => t.First > 0 && t.First >= t.Second)
            && at >= 0 && data.Length - at >= 2 && Word(data, at) == EndOfCodestream
            && !data[(at + 2)..].ContainsAnyExcept((byte)0, (byte)0xFF);
    }

    static long Parts(long whole, long part) => (whole + part - 1) / part;

    static ushort Word(ReadOnlySpan<byte> data, int at) => BinaryPrimitives.ReadUInt16BigEndian(data[at..]);

    static uint Long(ReadOnlySpan<byte> data, int at) => BinaryPrimitives.ReadUInt32BigEndian(data[at..]);
}
