using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace CovidCxr.Imaging.Tests.Inputs;

/// <summary>A PNG chunk by chunk, so that a test can write what no encoder would.</summary>
static class HandMadePng
{
    public const byte Grey = 0;
    public const byte Colour = 2;
    public const byte Palette = 3;
    public const byte GreyAlpha = 4;

    public static byte[] Write(
        int width, int height, byte bits, byte colourType, byte[] compressed, params (string Type, byte[] Data)[] before)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (bits, colourType);
        var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        Chunk(file, "IHDR", header);
        foreach (var (type, data) in before)
        {
            Chunk(file, type, data);
        }

        Chunk(file, "IDAT", compressed);
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    /// <summary>Rows of equal length, each behind a filter byte of 0 (none), deflated.</summary>
    public static byte[] Deflate(byte[] rows, int rowBytes)
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal))
        {
            for (var at = 0; at < rows.Length; at += rowBytes)
            {
                zlib.WriteByte(0);
                zlib.Write(rows, at, rowBytes);
            }
        }

        return packed.ToArray();
    }

    /// <summary>
    /// An honest 1-bit PNG of black pixels: a long run of zeros, which a decoder would unpack to a byte and more a pixel.
    /// </summary>
    public static byte[] Bomb(int side)
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal))
        {
            var row = new byte[((side + 7) / 8) + 1];
            for (var y = 0; y < side; y++)
            {
                zlib.Write(row);
            }
        }

        return Write(side, side, 1, Grey, packed.ToArray());
    }

    static void Chunk(MemoryStream file, string type, byte[] data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.HashToUInt32(body));
        file.Write(number);
    }
}
