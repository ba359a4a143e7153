using System.IO.Compression;
using System.Text;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Tests.Inputs;

namespace CovidCxr.Imaging.Tests.Decoding;

/// <summary>The orientation tag is honoured: a film upside down is another film.</summary>
public class ScanDecoderOrientationTests
{
    static readonly ScanDecoder Decoder = new(new ImagingOptions { MinSidePixels = 1 });

    // Source: TIFF 6.0, tag 274: what row 0 and column 0 of the file are in the picture.
    [Theory]
    [InlineData(1, "123456", 3)]
    [InlineData(2, "321654", 3)]
    [InlineData(3, "654321", 3)]
    [InlineData(4, "456123", 3)]
    [InlineData(5, "142536", 2)]
    [InlineData(6, "415263", 2)]
    [InlineData(7, "635241", 2)]
    [InlineData(8, "362514", 2)]
    public void Decode_TiffWithOrientation_IsUpright(int orientation, string expected, int width)
    {
        byte[] strip = [10, 20, 30, 40, 50, 60];

        var image = Expect.Image(Decoder.Decode(HandMadeTiff.Write(3, 2, 8, HandMadeTiff.MinIsBlack, strip, orientation: orientation)));

        Assert.Equal(width, image.Width);
        Assert.Equal(expected, string.Concat(image.Samples.Select(s => s / 10)));
    }

    public static TheoryData<string> PlacesInPng =>
        ["eXIf", "zTXt", "tEXt", "XMP element", "XMP attribute", "XMP compressed", "XMP profile"];

    // Where ExifTool, ImageMagick and Adobe write it.
    [Theory]
    [MemberData(nameof(PlacesInPng))]
    public void Decode_PngWithOrientation_IsUpright(string place)
    {
        string[] expected = ["123456", "321654", "654321", "456123", "142536", "415263", "635241", "362514"];
        for (var orientation = 1; orientation <= 8; orientation++)
        {
            var image = Expect.Image(Decoder.Decode(Png(Chunk(place, orientation))));

            Assert.Equal(
                (place, orientation, expected[orientation - 1]), (place, orientation, string.Concat(image.Samples.Select(s => s / 10))));
        }
    }

    [Theory]
    [InlineData("XMP element", 9)]
    [InlineData("eXIf", 0)]
    [InlineData("zTXt", 200)]
    public void Decode_PngWithAnOrientationThatThereIsNot_StaysAsItIs(string place, int orientation) =>
        Assert.Equal("123456", string.Concat(Expect.Image(Decoder.Decode(Png(Chunk(place, orientation)))).Samples.Select(s => s / 10)));

    [Fact]
    public void Decode_PngWithTwoOrientations_BelievesExif() => Assert.Equal(
        "654321", string.Concat(Expect.Image(Decoder.Decode(Png(Chunk("XMP element", 6), Chunk("eXIf", 3)))).Samples.Select(s => s / 10)));

    // A megabyte in one kilobyte: the first text of a kind is read, and of all of them one megabyte.
    [Fact]
    public void Decode_PngWithManyLargeTexts_ReadsTheFirstOfAKindAndOneMegabyte()
    {
        static (string, byte[]) Large(string keyword) => ("zTXt", [.. Encoding.ASCII.GetBytes(keyword), 0, 0, .. Zlib(new byte[1 << 20])]);
        static (string, byte[])[] Many(string keyword) => [.. Enumerable.Repeat(Large(keyword), 300)];
        string Decoded(params (string, byte[])[] chunks) =>
            string.Concat(Expect.Image(Decoder.Decode(Png(chunks))).Samples.Select(s => s / 10));

        // Other texts cost nothing, however many and large, and a second one of a kind is not read.
        Assert.Equal("654321", Decoded([.. Many("Comment"), Chunk("zTXt", 3)]));
        Assert.Equal("654321", Decoded([Chunk("zTXt", 3), .. Many("Raw profile type exif")]));
        Assert.Equal("654321", Decoded([Chunk("XMP compressed", 3), Chunk("XMP compressed", 6)]));
        Assert.Equal("123456", Decoded([Large("Raw profile type exif"), Chunk("zTXt", 3)]));
        // The first one has used up what is unpacked in all; a text that is not packed is read still.
        Assert.Equal("123456", Decoded([Large("Raw profile type APP1"), Chunk("XMP compressed", 3)]));
        Assert.Equal("654321", Decoded([Large("Raw profile type APP1"), Chunk("XMP element", 3)]));
    }

    [Fact]
    public void Decode_PngWithUnreadableText_StaysAsItIs()
    {
        (string, byte[])[] texts = [
            ("zTXt", [.. "Raw profile type exif\0\0"u8, 1, 2, 3]), ("iTXt", [.. "XML:com.adobe.xmp\0"u8]), ("eXIf", [1, 2]), ("zTXt", [0])];

        Assert.All(texts, t => Assert.Equal("123456", string.Concat(Expect.Image(Decoder.Decode(Png(t))).Samples.Select(s => s / 10))));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(8)]
    public void Decode_LargeFileWithOrientation_IsUpright(int orientation)
    {
        // Larger than what libvips keeps of a file that it reads once from top to bottom.
        var image = Samples.Noise(700, 900, 16, orientation);

        var upright = Expect.Image(
            Decoder.Decode(HandMadeTiff.Write(700, 900, 16, HandMadeTiff.MinIsBlack, image.WideBytes(), orientation: orientation)));

        var corner = orientation switch { 3 => 699 + (899 * 700), 4 => 899 * 700, 6 => 899 * 700, _ => 699 };
        Assert.Equal(orientation is 6 or 8 ? (900, 700) : (700, 900), (upright.Width, upright.Height));
        Assert.Equal(image.Samples[corner], upright.Samples[0]);
        Assert.True(image.Samples.Order().SequenceEqual(upright.Samples.Order()));
    }

    static byte[] Png(params (string, byte[])[] chunks) =>
        HandMadePng.Write(3, 2, 8, HandMadePng.Grey, HandMadePng.Deflate([10, 20, 30, 40, 50, 60], 3), chunks);

    static (string, byte[]) Chunk(string place, int orientation)
    {
        // A TIFF's header and a directory of one entry: tag 0x0112, one number of 16 bits.
        byte[] exif = [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];
        var profile = Encoding.ASCII.GetBytes(
            $"\nexif\n{exif.Length + 6,8}\n{Convert.ToHexStringLower([.. "Exif\0\0"u8, .. exif]).Insert(40, "\n")}\n");
        var element = Encoding.UTF8.GetBytes($"<x:xmpmeta><tiff:Orientation>{orientation}</tiff:Orientation></x:xmpmeta>");
        var attribute = Encoding.UTF8.GetBytes($"<x:xmpmeta><rdf:Description tiff:Orientation=\"{orientation}\"/></x:xmpmeta>");
        return place switch
        {
            "eXIf" => (place, exif),
            "zTXt" => (place, [.. "Raw profile type exif\0\0"u8, .. Zlib(profile)]),
            "tEXt" => (place, [.. "Raw profile type APP1\0"u8, .. profile]),
            "XMP element" => ("iTXt", [.. "XML:com.adobe.xmp\0\0\0\0\0"u8, .. element]),
            "XMP attribute" => ("iTXt", [.. "XML:com.adobe.xmp\0\0\0\0\0"u8, .. attribute]),
            "XMP compressed" => ("iTXt", [.. "XML:com.adobe.xmp\0\x1\0\0\0"u8, .. Zlib(element)]),
            _ =>
                ("zTXt", [
                    .. "Raw profile type xmp\0\0"u8,
                    .. Zlib(Encoding.ASCII.GetBytes($"\nxmp\n{element.Length,8}\n{Convert.ToHexStringLower(element)}\n"))]),
        };
    }

    static byte[] Zlib(byte[] data)
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal))
        {
            zlib.Write(data);
        }

        return packed.ToArray();
    }
}
