using System.Buffers.Binary;
using System.IO.Hashing;

namespace CovidCxr.Imaging.Decoding;

/// <summary>
/// Walks a PNG's chunks: each within the file and with the checksum it declares, pixels and an end. libpng alone overlooks a wrong
/// checksum. Source: PNG, third edition, 5.3 and 5.6.
/// </summary>
static class PngFile
{
    const int Signature = 8;

    // Length, type and checksum.
    const int Frame = 12;

    public static Inspection Inspect(ReadOnlySpan<byte> bytes)
    {
        var (position, hasPixels, orientation) = (Signature, false, new PngOrientation());
        while (position + Frame <= bytes.Length)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(bytes[position..]);
            if (length > bytes.Length - position - Frame)
            {
                return Refusals.Damaged();
            }

            var body = bytes.Slice(position + 4, (int)length + 4);
            var type = body[..4];
            if (Crc32.HashToUInt32(body) != BinaryPrimitives.ReadUInt32BigEndian(bytes[(position + 8 + (int)length)..])
                || (position == Signature && !type.SequenceEqual("IHDR"u8)))
            {
                return Refusals.Damaged();
            }

            // An animated PNG announces itself before its pixels.
            if (!hasPixels && type.SequenceEqual("acTL"u8))
            {
                return Refusals.SeveralFrames();
            }

            if (type.SequenceEqual("IEND"u8))
            {
                return hasPixels ? new Inspection(null, Orientation: orientation.Value) : Refusals.Damaged();
            }

            hasPixels |= type.SequenceEqual("IDAT"u8);
            orientation.Read(type, body[4..]);
            position += Frame + (int)length;
        }

        return Refusals.Damaged();
    }
}
