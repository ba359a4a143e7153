using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Rendering;
using Microsoft.Playwright;
using NetVips;

namespace CovidCxr.EndToEnd.Tests;

/// <summary>Files as people upload them, good and bad.</summary>
static class Films
{
    static readonly ConcurrentDictionary<int, string> Owners = [];

    /// <summary>A film that no other class of stories uploads: the program would ask about a copy, whichever of them came second.</summary>
    public static GreyImage Phantom(int seed, int size = 512, int bits = 8)
    {
        var story = TestContext.Current.TestClass?.TestClassName ?? "";
        Assert.Equal(story, Owners.GetOrAdd(seed, story));
        return PhantomDrawer.Draw((PhantomKind)(seed % 3), seed, size, bits);
    }

    public static FilePayload Png(string name, GreyImage image) =>
        new() { Name = name, MimeType = "image/png", Buffer = PngEncoder.Encode(image) };

    public static FilePayload Jpeg(string name, GreyImage image, bool progressive)
    {
        using var raw = Raw(image);
        return new() { Name = name, MimeType = "image/jpeg", Buffer = raw.JpegsaveBuffer(interlace: progressive) };
    }

    public static FilePayload Tiff(string name, GreyImage image)
    {
        using var raw = Raw(image);
        return new() { Name = name, MimeType = "image/tiff", Buffer = raw.TiffsaveBuffer() };
    }

    /// <summary>Bad files, each with a piece of what the tray must say of it.</summary>
    public static IReadOnlyList<(FilePayload File, string Words)> Bad()
    {
        var png = PngEncoder.Encode(Phantom(seed: 900, size: 256));
        return
        [
            (File("empty.png", []), "is empty"),
            (File("truncated.png", png[..(png.Length / 2)]), "damaged or cut short"),
            (File("text.png", "not an image at all"u8.ToArray()), "not a PNG, JPEG, TIFF or DICOM"),
            (File("drawing.png", "<svg xmlns='http://www.w3.org/2000/svg'/>"u8.ToArray()), "not a PNG, JPEG, TIFF or DICOM"),
            (File("dot.png", PngEncoder.Encode(new GreyImage(1, 1, 8, [7]))), "1 x 1 pixels"),
            (File("huge.png", Huge(png)), "30000 x 30000 pixels"),
            (File("moving.png", Animated(png)), "several pages or frames"),
            (File("print.jpg", Cmyk()), "CMYK"),
        ];
    }

    static FilePayload File(string name, byte[] bytes) => new() { Name = name, MimeType = "image/png", Buffer = bytes };

    static Image Raw(GreyImage image) => Image.NewFromMemory(
        Array.ConvertAll(image.Samples, s => (byte)s), image.Width, image.Height, 1, Enums.BandFormat.Uchar);

    static byte[] Cmyk()
    {
        using var black = Image.Black(256, 256, bands: 4);
        using var inks = black.Copy(interpretation: Enums.Interpretation.Cmyk);
        return inks.JpegsaveBuffer();
    }

    // The header declares 900 megapixels; the file is small.
    static byte[] Huge(byte[] png)
    {
        var bytes = (byte[])png.Clone();
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(16), 30_000);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(20), 30_000);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(29), Crc(bytes.AsSpan(12, 17)));
        return bytes;
    }

    // An acTL chunk after the header makes a PNG an animated one.
    static byte[] Animated(byte[] png)
    {
        var chunk = new byte[20];
        BinaryPrimitives.WriteInt32BigEndian(chunk, 8);
        Encoding.ASCII.GetBytes("acTL", chunk.AsSpan(4));
        BinaryPrimitives.WriteInt32BigEndian(chunk.AsSpan(8), 2);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(16), Crc(chunk.AsSpan(4, 12)));
        return [.. png[..33], .. chunk, .. png[33..]];
    }

    // CRC-32 of PNG (ISO 3309).
    static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320 & (uint)-(crc & 1));
            }
        }

        return ~crc;
    }
}
