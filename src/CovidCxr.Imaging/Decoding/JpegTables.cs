using System.Buffers.Binary;

namespace CovidCxr.Imaging.Decoding;

/// <summary>The tables in force while a JPEG is walked. Source: ITU-T T.81, B.2.4.</summary>
sealed class JpegTables
{
    public HuffmanCodes?[] Dc { get; } = new HuffmanCodes?[4];

    public HuffmanCodes?[] Ac { get; } = new HuffmanCodes?[4];

    /// <summary>By which a block's mean is divided, of each table; 0 where none is given.</summary>
    public int[] MeanStep { get; } = new int[4];

    /// <summary>Units between restart markers; 0 for none.</summary>
    public int RestartInterval { get; set; }

    public bool TryReadRestartInterval(ReadOnlySpan<byte> segment)
    {
        RestartInterval = segment.Length == 2 ? BinaryPrimitives.ReadUInt16BigEndian(segment) : 0;
        return segment.Length == 2;
    }

    public bool TryReadQuantisation(ReadOnlySpan<byte> segment)
    {
        while (!segment.IsEmpty)
        {
            var (isWide, table) = (segment[0] >> 4 == 1, segment[0] & 15);
            var size = 1 + (isWide ? 128 : 64);
            if (table > 3 || segment[0] >> 4 > 1 || segment.Length < size)
            {
                return false;
            }

            MeanStep[table] = isWide ? BinaryPrimitives.ReadUInt16BigEndian(segment[1..]) : segment[1];
            segment = segment[size..];
        }

        return true;
    }

    public bool TryReadHuffman(ReadOnlySpan<byte> segment)
    {
        while (!segment.IsEmpty)
        {
            if (segment.Length < 17)
            {
                return false;
            }

            var (kind, table) = (segment[0] >> 4, segment[0] & 15);
            var counts = segment.Slice(1, 16);
            var total = 0;
            foreach (var count in counts)
            {
                total += count;
            }

            if (kind > 1 || table > 3 || total > 256 || segment.Length < 17 + total
                || HuffmanCodes.Read(counts, segment.Slice(17, total)) is not { } codes)
            {
                return false;
            }

            (kind == 0 ? Dc : Ac)[table] = codes;
            segment = segment[(17 + total)..];
        }

        return true;
    }
}

/// <summary>A Huffman code of JPEG, looked up by its next bits.</summary>
sealed class HuffmanCodes
{
    /// <summary>Codes up to this length are found in one step.</summary>
    const int FastBits = 10;

    readonly ushort[] _fast = new ushort[1 << FastBits];
    readonly int[] _firstCode = new int[17];
    readonly int[] _afterLast = new int[17];
    readonly int[] _firstSymbol = new int[17];
    byte[] _symbols = [];

    HuffmanCodes()
    {
    }

    /// <param name="counts">How many codes have 1, 2 ... 16 bits.</param>
    /// <returns>Null where there are more codes of a length than there can be.</returns>
    public static HuffmanCodes? Read(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols)
    {
        var codes = new HuffmanCodes { _symbols = symbols.ToArray() };
        var (code, symbol) = (0, 0);
        for (var length = 1; length <= 16; length++, code <<= 1)
        {
            (codes._firstCode[length], codes._firstSymbol[length]) = (code, symbol);
            for (var i = 0; i < counts[length - 1]; i++, code++, symbol++)
            {
                if (code >= 1 << length)
                {
                    return null;
                }

                if (length <= FastBits)
                {
                    codes._fast.AsSpan(code << (FastBits - length), 1 << (FastBits - length))
                        .Fill((ushort)((length << 8) | symbols[symbol]));
                }
            }

            codes._afterLast[length] = code;
        }

        return codes;
    }

    /// <param name="window">The next bits of the stream, the first one highest.</param>
    /// <returns>The code's length times 256 and its symbol; 0 where no code begins so.</returns>
    public int Find(ulong window) => _fast[window >> (64 - FastBits)] is > 0 and var entry ? entry : FindLong(window);

    int FindLong(ulong window)
    {
        for (var length = FastBits + 1; length <= 16; length++)
        {
            var code = (int)(window >> (64 - length));
            if (code < _afterLast[length] && code >= _firstCode[length])
            {
                return (length << 8) | _symbols[_firstSymbol[length] + code - _firstCode[length]];
            }
        }

        return 0;
    }
}
