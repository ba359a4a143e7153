using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Imaging.Tests.Inputs;
using NetVips;

namespace CovidCxr.Imaging.Tests.Rendering;

public class PngEncoderTests
{
    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    public void Encode_GreyImage_ComesBackBitForBit(int bits)
    {
        var image = Samples.Noise(67, 91, bits, 1);

        var file = PngEncoder.Encode(image);

        // Bytes 24 and 25 of a PNG: bit depth and colour type, 0 is grey.
        Assert.Equal((bits, 0), (file[24], file[25]));
        var back = Expect.Image(new ScanDecoder(new ImagingOptions()).Decode(file));
        Assert.Equal((67, 91, bits), (back.Width, back.Height, back.BitsStored));
        Assert.Equal(image.Samples, back.Samples);
    }

    [Fact]
    public void EncodeRgb_Pixels_ComeBackInOrder()
    {
        byte[] pixels = [255, 0, 1, 2, 254, 3, 4, 5, 253, 6, 7, 8];

        var file = PngEncoder.EncodeRgb(pixels, 2, 2);

        Assert.Equal((8, 2), (file[24], file[25]));
        using var back = Image.NewFromBuffer(file);
        Assert.Equal((2, 2, 3), (back.Width, back.Height, back.Bands));
        Assert.Equal(pixels, back.WriteToMemory<byte>());
    }
}
