using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Imaging.Tests.Inputs;
using CovidCxr.Testing;
using NetVips;

namespace CovidCxr.Imaging.Tests.Decoding;

/// <summary>What is read, sample by sample.</summary>
public class ScanDecoderFormatTests
{
    static readonly ScanDecoder Decoder = new(new ImagingOptions { MinSidePixels = 1 });

    [Fact]
    public void Decode_FilesOfPillow_GivesPillowsSamples()
    {
        foreach (var file in GoldenFile.Read("imaging.json").GetProperty("files").EnumerateArray())
        {
            var image = Expect.Image(Decoder.Decode(file.GetProperty("file").GetBytesFromBase64()));

            var name = file.Text("name");
            Assert.Equal(
                (name, file.Int("bits"), file.Int("width"), file.Int("height")), (name, image.BitsStored, image.Width, image.Height));
            var expected = file.GetProperty("samples").EnumerateArray().Select(v => v.GetInt32());
            var worst = expected.Zip(image.Samples, (e, s) => Math.Abs(e - s)).Max();
            Assert.True(worst <= file.Int("tolerance"), $"{name}: off by {worst}");
        }
    }

    [Theory]
    [InlineData(8, ScanFormat.Png)]
    [InlineData(16, ScanFormat.Png)]
    [InlineData(8, ScanFormat.Tiff)]
    [InlineData(16, ScanFormat.Tiff)]
    public void Decode_LosslessFile_GivesTheSamplesAndTheFormat(int bits, ScanFormat format)
    {
        var image = Samples.Noise(71, 65, bits, 1);

        var decoded = Assert.IsType<DecodeResult.Decoded>(
            Decoder.Decode(format == ScanFormat.Png ? PngEncoder.Encode(image) : VipsFiles.Tiff(image)));

        Assert.Equal(format, decoded.Format);
        Assert.Equal((71, 65, bits), (decoded.Image.Width, decoded.Image.Height, decoded.Image.BitsStored));
        Assert.Equal(image.Samples, decoded.Image.Samples);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Decode_Jpeg_IsCloseToTheSamples(bool isProgressive)
    {
        // Smooth: the ramp of Uneven without its wrap-around.
        var image = new GreyImage(80, 70, 8, [.. Enumerable.Range(0, 5600).Select(i => (ushort)((i % 80 * 2) + (i / 80)))]);

        var decoded = Assert.IsType<DecodeResult.Decoded>(Decoder.Decode(VipsFiles.Jpeg(image, isProgressive)));

        Assert.Equal(ScanFormat.Jpeg, decoded.Format);
        Assert.True(image.Samples.Zip(decoded.Image.Samples, (a, b) => Math.Abs(a - b)).Max() <= 2);
    }

    [Fact]
    public void Decode_InterlacedPngAndTiledTiff_GiveTheSamples()
    {
        var image = Samples.Noise(300, 290, 16, 2);

        Assert.Equal(image.Samples, Expect.Image(Decoder.Decode(VipsFiles.InterlacedPng(image))).Samples);
        Assert.Equal(image.Samples, Expect.Image(Decoder.Decode(VipsFiles.Tiff(image, isTiled: true))).Samples);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    public void Decode_MinIsWhiteTiff_IsInverted(int bits)
    {
        var image = Samples.Uneven(9, 7, bits);
        var strip = bits == 16 ? image.WideBytes() : image.Bytes();

        var inverted = Expect.Image(Decoder.Decode(HandMadeTiff.Write(9, 7, bits, HandMadeTiff.MinIsWhite, strip)));
        var plain = Expect.Image(Decoder.Decode(HandMadeTiff.Write(9, 7, bits, HandMadeTiff.MinIsBlack, strip)));

        Assert.Equal(image.Samples, plain.Samples);
        Assert.Equal(image.Samples.Select(s => (ushort)(image.MaxSample - s)), inverted.Samples);
    }

    [Fact]
    public void Decode_MinIsWhiteOfVips_IsThePictureAgain()
    {
        var image = Samples.Noise(40, 30, 8, 3);

        Assert.Equal(image.Samples, Expect.Image(Decoder.Decode(VipsFiles.Tiff(image, isInverted: true))).Samples);
        Assert.Equal(
            image.Samples, Expect.Image(Decoder.Decode(VipsFiles.Tiff(image, Enums.ForeignTiffCompression.Lzw, isInverted: true))).Samples);
    }

    [Fact]
    public void Decode_OneBitMinIsWhiteTiff_IsBlackWhereSet()
    {
        var image = Expect.Image(Decoder.Decode(HandMadeTiff.Write(8, 2, 1, HandMadeTiff.MinIsWhite, [0b1010_0000, 0b0000_0001])));

        Assert.Equal([0, 255, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0], image.Samples.Select(s => (int)s));
    }

    [Fact]
    public void Decode_Palette_GivesTheLuminanceOfItsColours()
    {
        byte[] colours = [0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255];
        var file = HandMadePng.Write(4, 1, 8, HandMadePng.Palette, HandMadePng.Deflate([0, 1, 2, 3], 4), ("PLTE", colours));

        // Rec. 601: 0.299, 0.587 and 0.114 of 255.
        Assert.Equal([0, 76, 150, 29], Expect.Image(Decoder.Decode(file)).Samples.Select(s => (int)s));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(128, 100)]
    [InlineData(255, 200)]
    public void Decode_Alpha_IsLaidOverBlack(byte alpha, int expected)
    {
        var file = HandMadePng.Write(3, 1, 8, HandMadePng.GreyAlpha, HandMadePng.Deflate([200, alpha, 90, 255, 10, 255], 6));

        Assert.InRange(Expect.Image(Decoder.Decode(file)).Samples[0], Math.Max(0, expected - 1), expected + 1);
    }

    [Fact]
    public void Decode_SixteenBitAlpha_IsLaidOverBlackInSixteenBits()
    {
        byte[] pixels = [0x80, 0x00, 0xFF, 0xFF, 0x80, 0x00, 0x00, 0x00, 0x10, 0x00, 0xFF, 0xFF];
        var image = Expect.Image(Decoder.Decode(HandMadePng.Write(3, 1, 16, HandMadePng.GreyAlpha, HandMadePng.Deflate(pixels, 12))));

        Assert.Equal((16, 0x8000, 0), (image.BitsStored, image.Samples[0], image.Samples[1]));
    }

    [Fact]
    public void Decode_GreyAsRgb_HasTheHashOfTheGreyFile()
    {
        var image = Samples.Noise(64, 64, 8, 4);
        var colour = PngEncoder.EncodeRgb([.. image.Bytes().SelectMany(b => new[] { b, b, b })], 64, 64);

        Assert.Equal(image.PixelHash(), Expect.Image(Decoder.Decode(colour)).PixelHash());
        Assert.Equal(image.PixelHash(), Expect.Image(Decoder.Decode(VipsFiles.Tiff(image))).PixelHash());
    }

    [Fact]
    public void Decode_FromManyThreads_GivesTheSameSamples()
    {
        var image = Samples.Noise(128, 128, 16, 5);
        var file = PngEncoder.Encode(image);
        var hashes = new string[64];

        Parallel.For(0, hashes.Length, i => hashes[i] = Expect.Image(Decoder.Decode(file)).PixelHash());

        Assert.All(hashes, h => Assert.Equal(image.PixelHash(), h));
    }
}
