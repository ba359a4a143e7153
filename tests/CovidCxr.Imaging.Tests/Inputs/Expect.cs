using CovidCxr.Imaging.Decoding;

namespace CovidCxr.Imaging.Tests.Inputs;

static class Expect
{
    public static GreyImage Image(DecodeResult result)
    {
        var image = Assert.IsType<DecodeResult.Decoded>(result).Image;
        WellFormed(image);
        return image;
    }

    public static string Refused(RefusalReason reason, DecodeResult result)
    {
        var refused = Assert.IsType<DecodeResult.Refused>(result);
        Assert.Equal(reason, refused.Reason);
        Assert.EndsWith(".", refused.Message, StringComparison.Ordinal);
        return refused.Message;
    }

    public static void WellFormed(GreyImage image)
    {
        Assert.True(image.BitsStored is 8 or 16, $"{image.BitsStored} bits");
        Assert.Equal(image.Width * image.Height, image.Samples.Length);
        Assert.True(image.Samples.All(s => s <= image.MaxSample), "a sample is above the largest value");
    }
}
