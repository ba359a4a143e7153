using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Tests.Inputs;

namespace CovidCxr.Imaging.Tests.Decoding;

/// <summary>A PNG's chunks: libpng alone overlooks a wrong checksum and a missing end.</summary>
public class DamagedPngTests
{
    static readonly ScanDecoder Decoder = new(new ImagingOptions { MinSidePixels = 1 });

    static readonly GreyImage Image = Samples.Uneven(90, 70, 8);

    static readonly byte[] Pixels = HandMadePng.Deflate(Image.Bytes(), 90);

    static readonly byte[] File = HandMadePng.Write(90, 70, 8, HandMadePng.Grey, Pixels, ("tEXt", "Comment\0nothing"u8.ToArray()));

    // Types stand after the length, checksums after the data.
    [Theory]
    [InlineData("IHDR", 13)]
    [InlineData("tEXt", 15)]
    [InlineData("IDAT", -1)]
    [InlineData("IEND", 0)]
    public void Decode_WrongChecksum_SaysDamaged(string type, int length)
    {
        var at = File.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(type)) + 4 + (length < 0 ? Pixels.Length : length);
        byte[] bad = [.. File];
        bad[at + 1] ^= 4;

        Assert.Equal(Image.Samples, Expect.Image(Decoder.Decode(File)).Samples);
        Expect.Refused(RefusalReason.Damaged, Decoder.Decode(bad));
    }

    [Fact]
    public void Decode_EndOrPixelsMissing_SaysDamaged()
    {
        Expect.Refused(RefusalReason.Damaged, Decoder.Decode(File[..^12]));
        Expect.Refused(
            RefusalReason.Damaged, Decoder.Decode(HandMadePng.Write(90, 70, 8, HandMadePng.Grey, Pixels[..(Pixels.Length / 2)])));
        Expect.Refused(RefusalReason.Damaged, Decoder.Decode(HandMadePng.Write(90, 71, 8, HandMadePng.Grey, Pixels)));
    }

    [Fact]
    public void Decode_BytesAfterTheEnd_AreNotThePictures() =>
        Assert.Equal(Image.Samples, Expect.Image(Decoder.Decode([.. File, 1, 2, 3])).Samples);
}
