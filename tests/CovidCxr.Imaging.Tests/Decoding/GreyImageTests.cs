using CovidCxr.Imaging.Decoding;

namespace CovidCxr.Imaging.Tests.Decoding;

public class GreyImageTests
{
    [Fact]
    public void PixelHash_OfTwoPixels_IsTheSha256OfSizeBitsAndSamples()
    {
        // printf '\x02\0\0\0\x01\0\0\0\x08\0\0\0\x07\0\xff\0' | sha256sum
        Assert.Equal("aa6d196bea39605a5965287cb285edd25981f70733b467a48b470a81edf08d66", new GreyImage(2, 1, 8, [7, 255]).PixelHash());
    }

    [Fact]
    public void PixelHash_OfOtherSizeBitsOrSamples_Differs()
    {
        string[] hashes =
        [
            new GreyImage(2, 1, 8, [7, 255]).PixelHash(), new GreyImage(1, 2, 8, [7, 255]).PixelHash(),
            new GreyImage(2, 1, 16, [7, 255]).PixelHash(), new GreyImage(2, 1, 8, [7, 254]).PixelHash(),
        ];

        Assert.Equal(4, hashes.Distinct().Count());
    }

    [Theory]
    [InlineData(8, 255)]
    [InlineData(16, 65535)]
    public void MaxSample_OfBits_IsTheLargestValue(int bits, int expected) =>
        Assert.Equal(expected, new GreyImage(1, 1, bits, [0]).MaxSample);
}
