using System.Buffers.Binary;

namespace CovidCxr.Imaging.Decoding;

/// <summary>A JPEG's frame header. Source: ITU-T T.81, B.2.2.</summary>
/// <param name="Bits">Of a sample, 8 or 12.</param>
sealed record JpegFrame(int Width, int Height, int Bits, bool IsProgressive, JpegComponent[] Components)
{
    public int MaxAcross { get; } = Components.Max(c => c.Across);

    public int MaxDown { get; } = Components.Max(c => c.Down);

    /// <returns>Null where the header is not to be understood.</returns>
    public static JpegFrame? Read(ReadOnlySpan<byte> segment, int bits, bool isProgressive)
    {
        if (segment.Length < 6 || segment[0] != bits || segment[5] is 0 or > 4 || segment.Length != 6 + (3 * segment[5]))
        {
            return null;
        }

        var components = new JpegComponent[segment[5]];
        for (var i = 0; i < components.Length; i++)
        {
            var part = segment.Slice(6 + (3 * i), 3);
            components[i] = new(part[0], part[1] >> 4, part[1] & 15, part[2]);
        }

        var (height, width) = (BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), BinaryPrimitives.ReadUInt16BigEndian(segment[3..]));
        return width > 0 && height > 0 && components.All(c => c.Across is >= 1 and <= 4 && c.Down is >= 1 and <= 4 && c.Quantisation < 4)
            ? new(width, height, bits, isProgressive, components)
            : null;
    }

    /// <summary>Minimum coded units of a scan: of one component its blocks, of several the blocks that cover the same pixels.</summary>
    public int Units(JpegScan scan) => scan.Components is [{ Component: var only }]
        ? Parts(Width * only.Across, 8 * MaxAcross) * Parts(Height * only.Down, 8 * MaxDown)
        : Parts(Width, 8 * MaxAcross) * Parts(Height, 8 * MaxDown);

    static int Parts(int whole, int part) => (whole + part - 1) / part;
}

/// <param name="Across">Horizontal sampling factor, 1..4; Down likewise.</param>
/// <param name="Quantisation">Number of its quantisation table.</param>
sealed record JpegComponent(int Id, int Across, int Down, int Quantisation)
{
    /// <summary>A bit for each of the 64 coefficients that some scan has sent to its last bit.</summary>
    public ulong Sent { get; set; }
}

/// <summary>A JPEG's scan header. Source: ITU-T T.81, B.2.3.</summary>
sealed record JpegScan((JpegComponent Component, int Dc, int Ac)[] Components, int First, int Last, int LowBit)
{
    /// <returns>Null where the header is not to be understood.</returns>
    public static JpegScan? Read(ReadOnlySpan<byte> segment, JpegFrame frame)
    {
        if (segment.Length < 1 || segment[0] is 0 or > 4 || segment.Length != 4 + (2 * segment[0]))
        {
            return null;
        }

        var components = new (JpegComponent, int, int)[segment[0]];
        for (var i = 0; i < components.Length; i++)
        {
            var (id, tables) = (segment[1 + (2 * i)], segment[2 + (2 * i)]);
            if (Array.Find(frame.Components, c => c.Id == id) is not { } component)
            {
                return null;
            }

            components[i] = (component, tables >> 4, tables & 15);
        }

        // Some writers leave a sequential scan's range at zero; decoders do not look at it.
        var range = segment[^3..];
        var scan = frame.IsProgressive ? new JpegScan(components, range[0], range[1], range[2] & 15) : new(components, 0, 63, 0);
        return scan.First <= scan.Last && scan.Last <= 63 ? scan : null;
    }

    /// <summary>Notes what this scan sends to its last bit. False where a sequential JPEG sends a component twice.</summary>
    public bool TrySend(JpegFrame frame)
    {
        var range = (ulong.MaxValue >> (63 - Last)) & (ulong.MaxValue << First);
        foreach (var (component, _, _) in Components)
        {
            if (!frame.IsProgressive && component.Sent != 0)
            {
                return false;
            }

            component.Sent |= LowBit == 0 ? range : 0;
        }

        return true;
    }
}
