using System.Numerics;

namespace CovidCxr.Imaging.Dicom;

/// <summary>How the samples of one frame lie in the pixel data (PS3.3, C.7.6.3), and what becomes of them before a window.</summary>
/// <param name="SamplesPerPixel">1 or 3.</param>
/// <param name="BitsAllocated">8 or 16.</param>
/// <param name="IsInverted">Small values are bright.</param>
sealed record PixelLayout(
    int Width, int Height, int SamplesPerPixel, int BitsAllocated, int BitsStored, int HighBit, bool IsSigned, bool IsInverted,
    bool IsByPlane, string Photometric)
{
    public int Pixels => Width * Height;

    /// <summary>The largest value that can be stored without sign.</summary>
    public int Largest => (1 << BitsStored) - 1;

    /// <summary>Whether samples may come out a little beyond the values that were stored.</summary>
    public bool IsLossy { get; init; }

    /// <returns>Null where the description is missing or makes no sense.</returns>
    public static PixelLayout? Of(DicomDataSet set)
    {
        var (width, height) = (set.Number(DicomTag.Columns) ?? 0, set.Number(DicomTag.Rows) ?? 0);
        var allocated = set.Number(DicomTag.BitsAllocated) ?? 0;
        var stored = set.Number(DicomTag.BitsStored) ?? allocated;
        var high = set.Number(DicomTag.HighBit) ?? stored - 1;
        var photometric = set.Code(DicomTag.Photometric);
        var layout = new PixelLayout(
            width, height, set.Number(DicomTag.SamplesPerPixel) ?? 1, allocated, stored, high,
            set.Number(DicomTag.PixelRepresentation) == 1,
            photometric == "MONOCHROME1" || set.Code(DicomTag.PresentationLutShape) == "INVERSE",
            set.Number(DicomTag.PlanarConfiguration) == 1, photometric);
        return width > 0 && height > 0 && stored > 0 && stored <= allocated && high >= stored - 1 && high < allocated ? layout : null;
    }

    /// <summary>
    /// Grey samples from one frame of plain pixels. Values are counted from the smallest that could be stored, so that a signed film keeps
    /// its order.
    /// </summary>
    /// <returns>Null where the data are too short.</returns>
    public ushort[]? Grey(ReadOnlySpan<byte> data, bool isBigEndian)
    {
        if (data.Length < (long)Pixels * SamplesPerPixel * BitsAllocated / 8)
        {
            return null;
        }

        var grey = new ushort[Pixels];
        if (SamplesPerPixel == 3)
        {
            ReadColour(data, grey);
            return grey;
        }

        for (var i = 0; i < grey.Length; i++)
        {
            grey[i] = BitsAllocated == 8 ? data[i]
                : isBigEndian ? (ushort)((data[2 * i] << 8) | data[(2 * i) + 1]) : (ushort)(data[2 * i] | (data[(2 * i) + 1] << 8));
        }

        return grey;
    }

    /// <summary>
    /// A codestream's numbers as plain pixels would hold them. It may say fewer or more bits than the header, as long as every number fits
    /// in those of the header; a lossy one overshoots at edges, by a 32nd of the range at most. A codestream without sign holds signed
    /// samples as two's complement.
    /// </summary>
    /// <param name="numbers">Row-major, of one component.</param>
    /// <param name="bits">Of the codestream, up to 16.</param>
    /// <returns>Null where they do not fit.</returns>
    public ushort[]? Stored<T>(ReadOnlySpan<T> numbers, int bits, bool isSigned)
        where T : IBinaryInteger<T>
    {
        var ofSign = IsSigned && !isSigned && bits >= BitsStored ? 32 - bits : 0;
        var (lowest, highest) = IsSigned ? (-1 << (BitsStored - 1), (1 << (BitsStored - 1)) - 1) : (0, (1 << BitsStored) - 1);
        if (HighBit != BitsStored - 1)
        {
            return null;
        }

        var margin = IsLossy ? Largest / 32 : 0;
        var stored = new ushort[numbers.Length];
        for (var i = 0; i < stored.Length; i++)
        {
            var number = (int.CreateTruncating(numbers[i]) << ofSign) >> ofSign;
            if (number < lowest - margin || number > highest + margin)
            {
                return null;
            }

            stored[i] = (ushort)Math.Clamp(number, lowest, highest);
        }

        return stored;
    }

    /// <summary>
    /// Mask, sign, modality step and sense, in place. Of a linear rescale only the direction counts: windows follow percentiles, which
    /// scale and offset do not move, and so the samples stay those of a 16-bit PNG.
    /// </summary>
    /// <returns>The bits of a sample, 8 or 16; null where the modality step makes no sense.</returns>
    public int? Finish(ushort[] grey, DicomFile file)
    {
        var (shift, mask, sign) = (HighBit + 1 - BitsStored, (1 << BitsStored) - 1, IsSigned ? 1 << (BitsStored - 1) : 0);
        var (table, bits) = (default(ushort[]), BitsStored);
        if (file.Set.Find(DicomTag.ModalityLut) is { Length: > 0 })
        {
            if (ModalityTable(file, mask, sign) is not { } found)
            {
                return null;
            }

            (table, bits) = found;
        }

        var slope = table is null ? file.Set.Decimal(DicomTag.RescaleSlope) ?? 1 : 1;
        if (slope == 0)
        {
            return null;
        }

        var flip = IsInverted != slope < 0 ? (1 << bits) - 1 : 0;
        for (var i = 0; i < grey.Length; i++)
        {
            var value = ((grey[i] >> shift) & mask) ^ sign;
            grey[i] = (ushort)((table is null ? value : table[value]) ^ flip);
        }

        return bits <= 8 ? 8 : 16;
    }

    // For every value, counted as in Grey, its entry; values beyond the table take its ends (PS3.3, C.11.1).
    (ushort[] Table, int Bits)? ModalityTable(DicomFile file, int mask, int sign)
    {
        if (file.Reader.FirstItem(file.Set, DicomTag.ModalityLut) is not { } item
            || item.Bytes(DicomTag.LutDescriptor) is not { Length: >= 6 } descriptor)
        {
            return null;
        }

        var data = item.Bytes(DicomTag.LutData);
        var (count, first, bits) = (item.Word(descriptor), item.Word(descriptor[2..]), item.Word(descriptor[4..]));
        (count, first) = (count == 0 ? 65536 : count, IsSigned ? (short)first : first);
        var wide = data.Length >= 2 * count;
        if (bits is < 8 or > 16 || data.Length < count || (!wide && bits > 8))
        {
            return null;
        }

        var table = new ushort[mask + 1];
        for (var value = 0; value <= mask; value++)
        {
            var at = Math.Clamp(value - sign - first, 0, count - 1);
            table[value] = (ushort)((wide ? item.Word(data[(2 * at)..]) : data[at]) & ((1 << bits) - 1));
        }

        return (table, bits);
    }

    // Rec. 601, as pictures of other formats; of YBR the first channel is just that.
    void ReadColour(ReadOnlySpan<byte> data, ushort[] grey)
    {
        var (step, plane) = IsByPlane ? (1, Pixels) : (3, 1);
        for (var i = 0; i < grey.Length; i++)
        {
            var at = i * step;
            grey[i] = Photometric == "RGB"
                ? (ushort)(((19595 * data[at]) + (38470 * data[at + plane]) + (7471 * data[at + (2 * plane)]) + 32768) >> 16)
                : data[at];
        }
    }
}
