using System.Buffers;
using System.Buffers.Binary;

namespace CovidCxr.Imaging.Decoding;

/// <summary>
/// Counts through the Huffman codes of a JPEG's only scan without making pixels of them. Damage shows as a code that does not exist, a
/// block of more than 64 coefficients, a mean that no picture of its bits has, or codes that end before or after the last block. Source:
/// ITU-T T.81, F.2.2.
/// </summary>
ref struct JpegEntropy
{
    // No block is longer: 64 codes of 16 bits with 15 more each, in bytes.
    const int Padding = 64 * 31 / 8 + 16;

    const int Zeros16 = 0xF0;

    readonly ReadOnlySpan<byte> _bits;
    readonly long _end;
    long _at;

    JpegEntropy(ReadOnlySpan<byte> bits, int length)
    {
        _bits = bits;
        _end = 8L * length;
    }

    /// <param name="data">What stands between the scan's header and the marker after it, restart markers included.</param>
    public static bool IsSound(ReadOnlySpan<byte> data, JpegFrame frame, JpegScan scan, JpegTables tables)
    {
        if (Blocks(frame, scan, tables) is not { } blocks)
        {
            return false;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(data.Length + Padding);
        var units = frame.Units(scan);
        var interval = tables.RestartInterval > 0 ? tables.RestartInterval : units;
        var means = new int[4];
        var isSound = true;
        while (units > 0 && isSound)
        {
            var length = Unstuff(ref data, buffer);
            buffer.AsSpan(length, Padding).Clear();
            Array.Clear(means);
            isSound = new JpegEntropy(buffer, length).Interval(Math.Min(interval, units), blocks, means);
            units -= interval;
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return isSound && data.IsEmpty;
    }

    // The blocks of one unit in their order, each with its codes; null where a table is missing.
    static Block[]? Blocks(JpegFrame frame, JpegScan scan, JpegTables tables)
    {
        var blocks = new List<Block>();
        for (var i = 0; i < scan.Components.Length; i++)
        {
            var (component, dcTable, acTable) = scan.Components[i];
            if (dcTable > 3 || acTable > 3 || tables.Dc[dcTable] is not { } dc || tables.Ac[acTable] is not { } ac)
            {
                return null;
            }

            // A mean of 8-bit samples less 128, times 8, is within 1024; rounding adds half a step and other encoders' arithmetic a little.
            var (step, largest) = (tables.MeanStep[component.Quantisation], 1 << (frame.Bits + 2));
            var count = scan.Components.Length == 1 ? 1 : component.Across * component.Down;
            blocks.AddRange(Enumerable.Repeat(
                new Block(i, dc, ac, step == 0 ? int.MaxValue : (largest / step) + 2, frame.Bits + 3), count));
        }

        return [.. blocks];
    }

    // Copies up to the next restart marker, of FF 00 only the FF, and leaves what comes after it.
    static int Unstuff(ref ReadOnlySpan<byte> data, Span<byte> buffer)
    {
        var length = 0;
        while (data.IndexOf((byte)0xFF) is >= 0 and var next && next + 1 < data.Length)
        {
            var follows = data[next + 1];
            var count = follows == 0 ? next + 1 : next;
            data[..count].CopyTo(buffer[length..]);
            length += count;
            data = data[(follows == 0xFF ? next + 1 : next + 2)..];
            if (follows is not (0 or 0xFF))
            {
                return length;
            }
        }

        data.CopyTo(buffer[length..]);
        length += data.Length;
        data = [];
        return length;
    }

    bool Interval(int units, Block[] blocks, int[] means)
    {
        for (var unit = 0; unit < units; unit++)
        {
            foreach (var block in blocks)
            {
                if (!TryBlock(block, ref means[block.Component]) || _at > _end)
                {
                    return false;
                }
            }
        }

        return IsPaddingLeft();
    }

    bool TryBlock(Block block, ref int mean)
    {
        var window = Window();
        var found = block.Dc.Find(window);
        var (length, size) = (found >> 8, found & 0xFF);
        if (found == 0 || size > block.LongestMean)
        {
            return false;
        }

        mean += Signed(window << length, size);
        _at += length + size;
        if (mean > block.LargestMean || mean < -block.LargestMean)
        {
            return false;
        }

        // A window of 57 bits or more; a code with its bits takes 31 at most.
        var (coefficient, left) = (1, 0);
        while (coefficient < 64)
        {
            if (left < 31)
            {
                (window, left) = (Window(), 57);
            }

            found = block.Ac.Find(window);
            length = found >> 8;
            size = found & 15;
            if (found == 0)
            {
                return false;
            }

            var bitsTaken = length + size;
            (window, left, _at) = (window << bitsTaken, left - bitsTaken, _at + bitsTaken);
            if (size == 0 && (found & 0xFF) != Zeros16)
            {
                // End of block.
                return true;
            }

            coefficient += ((found >> 4) & 15) + 1;
        }

        return coefficient == 64;
    }

    readonly ulong Window() => BinaryPrimitives.ReadUInt64BigEndian(_bits[(int)(_at >> 3)..]) << (int)(_at & 7);

    // T.81, F.2.2.1: the lower half of the values of a size is negative.
    static int Signed(ulong window, int size)
    {
        if (size == 0)
        {
            return 0;
        }

        var value = (int)(window >> (64 - size));
        return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
    }

    // An unfinished byte, and of some writers whole bytes of zeros or ones.
    readonly bool IsPaddingLeft()
    {
        var rest = _bits[(int)((_at + 7) >> 3)..(int)(_end >> 3)];
        return !rest.ContainsAnyExcept((byte)0, (byte)0xFF);
    }

    /// <param name="LongestMean">Bits of the difference between two means (T.81, table F.1).</param>
    readonly record struct Block(int Component, HuffmanCodes Dc, HuffmanCodes Ac, int LargestMean, int LongestMean);
}
