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
        byte[] strip = [1, 2, 3, 4, 5, 6];

        var image = Expect.Image(Decoder.Decode(HandMadeTiff.Write(3, 2, 8, HandMadeTiff.MinIsBlack, strip, orientation: orientation)));

        Assert.Equal(width, image.Width);
        Assert.Equal(expected, string.Concat(image.Samples));
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

        var upright = Expect.Image(Decoder.Decode(HandMadeTiff.Write(700, 900, 16, HandMadeTiff.MinIsBlack, image.WideBytes(), orientation: orientation)));

        var corner = orientation switch { 3 => 699 + (899 * 700), 4 => 899 * 700, 6 => 899 * 700, _ => 699 };
        Assert.Equal(orientation is 6 or 8 ? (900, 700) : (700, 900), (upright.Width, upright.Height));
        Assert.Equal(image.Samples[corner], upright.Samples[0]);
        Assert.True(image.Samples.Order().SequenceEqual(upright.Samples.Order()));
    }
}
