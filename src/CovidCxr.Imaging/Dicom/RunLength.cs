using System.Buffers.Binary;

namespace CovidCxr.Imaging.Dicom;

/// <summary>DICOM's RLE (PS3.5, annex G): a PackBits segment for each byte of each sample, the high byte first.</summary>
static class RunLength
{
    const int Header = 64;

    /// <returns>Samples in the order of <see cref="PixelLayout"/>'s planes, little endian; null where the data are damaged.</returns>
    public static byte[]? Decode(ReadOnlySpan<byte> data, int pixels, int samples, int bytesPerSample)
    {
        var segments = samples * bytesPerSample;
        if (data.Length < Header || BinaryPrimitives.ReadUInt32LittleEndian(data) != segments || segments > 15)
        {
            return null;
        }

        var result = new byte[pixels * segments];
        var plane = new byte[pixels];
        for (var i = 0; i < segments; i++)
        {
            var start = BinaryPrimitives.ReadUInt32LittleEndian(data[(4 + (4 * i))..]);
            if (start < Header || start > data.Length || !TryUnpack(data[(int)start..], plane))
            {
                return null;
            }

            var (sample, part) = Math.DivRem(i, bytesPerSample);
            var first = (sample * pixels * bytesPerSample) + (bytesPerSample - 1 - part);
            for (var p = 0; p < pixels; p++)
            {
                result[first + (p * bytesPerSample)] = plane[p];
            }
        }

        return result;
    }

    static bool TryUnpack(ReadOnlySpan<byte> packed, Span<byte> plane)
    {
        while (!plane.IsEmpty)
        {
            if (packed.IsEmpty)
            {
                return false;
            }

            int code = (sbyte)packed[0];
            packed = packed[1..];
            var (isRun, count) = (code < 0, code < 0 ? 1 - code : code + 1);
            if (code == -128)
            {
                continue;
            }

            if (packed.Length < (isRun ? 1 : count))
            {
                return false;
            }

            count = Math.Min(count, plane.Length);
            if (isRun)
            {
                plane[..count].Fill(packed[0]);
            }
            else
            {
                packed[..count].CopyTo(plane);
            }

            packed = packed[(isRun ? 1 : code + 1)..];
            plane = plane[count..];
        }

        return true;
    }
}
