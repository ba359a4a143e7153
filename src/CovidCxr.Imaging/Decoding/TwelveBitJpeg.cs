using System.Runtime.CompilerServices;
using JpegLibrary;

namespace CovidCxr.Imaging.Decoding;

/// <summary>
/// Sequential JPEG of one component of 12 bits, by JpegLibrary. Its structure is to be checked before (<see cref="JpegFile"/>). Source:
/// ITU-T T.81, process 4.
/// </summary>
static class TwelveBitJpeg
{
    public const int Bits = 12;

    const int Side = 8, Most = (1 << Bits) - 1;

    /// <param name="largest">That the film can hold; what the transform makes beyond it is cut off there.</param>
    /// <returns>
    /// Samples, row-major, 0 to 4095; null where the data are damaged, of another size, of several components, or of one in larger units
    /// than blocks: T.81, A.2.2, lays its blocks row by row all the same, and the library would not.
    /// </returns>
    public static ushort[]? Decode(byte[] data, int width, int height, int largest)
    {
        try
        {
            var decoder = new JpegDecoder();
            decoder.SetInput(data);
            decoder.Identify();
            if (decoder.StartOfFrame != JpegLibrary.JpegMarker.StartOfFrame1
                || (decoder.Width, decoder.Height, decoder.NumberOfComponents, decoder.Precision) != (width, height, 1, Bits)
                || decoder.GetMaximumHorizontalSampling() != 1 || decoder.GetMaximumVerticalSampling() != 1)
            {
                return null;
            }

            var samples = new ushort[width * height];
            decoder.SetOutputWriter(new Writer(samples, width, height, Math.Min(largest, Most)));
            decoder.Decode();
            return samples;
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException or NotSupportedException
            or ArgumentException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    // Blocks at the right and lower edge reach beyond the picture, and the inverse transform beyond its bits.
    sealed class Writer(ushort[] samples, int width, int height, int largest) : JpegBlockOutputWriter
    {
        public override void WriteBlock(ref short blockRef, int componentIndex, int x, int y)
        {
            for (var row = 0; row < Math.Min(Side, height - y); row++)
            {
                for (var column = 0; column < Math.Min(Side, width - x); column++)
                {
                    int value = Unsafe.Add(ref blockRef, (row * Side) + column);
                    samples[((y + row) * width) + x + column] = (ushort)Math.Clamp(value, 0, largest);
                }
            }
        }
    }
}
