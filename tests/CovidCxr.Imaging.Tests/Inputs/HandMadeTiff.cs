using System.Buffers.Binary;

namespace CovidCxr.Imaging.Tests.Inputs;

/// <summary>An uncompressed little-endian TIFF of one strip, tag by tag.</summary>
static class HandMadeTiff
{
    public const int MinIsWhite = 0;
    public const int MinIsBlack = 1;
    public const int Rgb = 2;

    public static byte[] Write(
        int width, int height, int bits, int photometric, byte[] strip, int channels = 1, int orientation = 1,
        int sampleFormat = 1) => Write(
        [
            (256, [width]), (257, [height]), (258, [.. Enumerable.Repeat(bits, channels)]), (259, [1]), (262, [photometric]), (273, [8]),
            (274, [orientation]), (277, [channels]), (278, [height]), (279, [strip.Length]),
            (339, [.. Enumerable.Repeat(sampleFormat, channels)]),
        ], strip);

    /// <param name="tags">In ascending order, each with its values.</param>
    /// <param name="data">What follows the eight bytes of the header.</param>
    public static byte[] Write((int Tag, int[] Values)[] tags, byte[] data)
    {
        var directory = 8 + data.Length + (data.Length % 2);
        var spill = directory + 2 + (12 * tags.Length) + 4;
        var file = new byte[spill + tags.Sum(t => t.Values.Length > 1 ? 4 * t.Values.Length : 0)];
        "II*\0"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), directory);
        data.CopyTo(file, 8);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(directory), (short)tags.Length);
        for (var i = 0; i < tags.Length; i++)
        {
            var entry = file.AsSpan(directory + 2 + (12 * i));
            var (tag, values) = tags[i];
            BinaryPrimitives.WriteInt16LittleEndian(entry, (short)tag);
            // Type 4 is a 32-bit number, which readers take for every tag used here.
            BinaryPrimitives.WriteInt16LittleEndian(entry[2..], 4);
            BinaryPrimitives.WriteInt32LittleEndian(entry[4..], values.Length);
            BinaryPrimitives.WriteInt32LittleEndian(entry[8..], values.Length == 1 ? values[0] : spill);
            foreach (var value in values.Length > 1 ? values : [])
            {
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(spill), value);
                spill += 4;
            }
        }

        return file;
    }
}
