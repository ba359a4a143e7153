using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Imaging.Tests.Inputs;

namespace CovidCxr.Imaging.Tests.Decoding;

/// <summary>A picture without contrast is no X-ray; an alpha channel that nobody filled is no reason to lose one.</summary>
public class BlankPictureTests
{
    const int Side = 100;

    static readonly ScanDecoder Decoder = new(new ImagingOptions());

    static readonly GreyImage Film = Samples.Noise(Side, Side, 8, 11);

    [Theory]
    [InlineData(8, 0)]
    [InlineData(8, 255)]
    [InlineData(16, 30000)]
    public void Decode_OneBrightness_SaysBlank(int bits, int value) => Expect.Refused(RefusalReason.Blank, Decode(bits, _ => value));

    [Theory]
    [InlineData(8, 7)]
    [InlineData(16, 30)]
    public void Decode_NoiseOfTheDetectorAlone_SaysBlank(int bits, int levels) =>
        Expect.Refused(RefusalReason.Blank, Decode(bits, i => 100 + (i * 7 % levels)));

    [Fact]
    public void Decode_LabelOnABlankPicture_SaysBlank() =>
        Expect.Refused(RefusalReason.Blank, Decode(8, i => i < Side * Side / 200 ? 255 : 12));

    // A dark film, one of 10 bits in 16, and one of 8 bits in 16 that nobody stretched.
    [Theory]
    [InlineData(8, 20)]
    [InlineData(16, 1023)]
    [InlineData(16, 255)]
    public void Decode_LittleOfTheRange_IsAPicture(int bits, int levels) => Expect.Image(Decode(bits, i => i * 7 % levels));

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    public void Decode_AlphaZeroEverywhere_IsReadAsIfOpaque(int bits)
    {
        var image = Samples.Noise(Side, Side, bits, 12);

        Assert.Equal(image.PixelHash(), Expect.Image(Decoder.Decode(WithAlpha(image, _ => 0))).PixelHash());
        Assert.Equal(image.PixelHash(), Expect.Image(Decoder.Decode(WithAlpha(image, _ => 255))).PixelHash());
    }

    [Fact]
    public void Decode_AlphaZeroEverywhereOverNothing_SaysBlank() =>
        Expect.Refused(RefusalReason.Blank, Decoder.Decode(WithAlpha(new GreyImage(Side, Side, 8, new ushort[Side * Side]), _ => 0)));

    [Theory]
    [InlineData(1, true)]
    [InlineData(5, true)]
    [InlineData(60, false)]
    public void Decode_AlphaOfAlmostNothing_SaysBlankWhereThePictureOverBlackIs(int alpha, bool isBlank)
    {
        var result = Decoder.Decode(WithAlpha(Film, _ => alpha));
        if (isBlank)
        {
            Expect.Refused(RefusalReason.Blank, result);
        }
        else
        {
            Expect.Image(result);
        }
    }

    [Fact]
    public void Decode_VisiblePartWithoutContrast_SaysBlank()
    {
        // A film under the hidden half, one brightness under the other.
        var half = Film with { Samples = [.. Film.Samples.Select((s, i) => i < Side * Side / 2 ? s : (ushort)90)] };

        Expect.Refused(RefusalReason.Blank, Decoder.Decode(WithAlpha(half, i => i < Side * Side / 2 ? 0 : 255)));
        Expect.Refused(RefusalReason.Blank, Decoder.Decode(WithAlpha(Film, i => i < 50 ? 255 : 0)));
        Expect.Image(Decoder.Decode(WithAlpha(half, i => i < Side * Side / 2 ? 255 : 0)));
    }

    // ExtraSamples 1: the colours are multiplied with alpha already, which libvips undoes first.
    [Theory]
    [InlineData(1, 100)]
    [InlineData(2, 50)]
    public void Decode_TiffWithAlpha_IsMultipliedOnce(int kind, int expected)
    {
        byte[] pixels = [100, 128, 10, 255, 200, 255];
        var file = HandMadeTiff.Write(
            [(256, [3]), (257, [1]), (258, [8, 8]), (259, [1]), (262, [1]), (273, [8]), (277, [2]), (278, [1]), (279, [6]), (338, [kind])],
            pixels);

        var samples = Expect.Image(new ScanDecoder(new ImagingOptions { MinSidePixels = 1 }).Decode(file)).Samples;

        Assert.InRange(samples[0], expected - 1, expected + 1);
        Assert.Equal([10, 200], samples[1..].Select(s => (int)s));
    }

    static DecodeResult Decode(int bits, Func<int, int> value) =>
        Decoder.Decode(
            PngEncoder.Encode(new GreyImage(Side, Side, bits, [.. Enumerable.Range(0, Side * Side).Select(i => (ushort)value(i))])));

    static byte[] WithAlpha(GreyImage image, Func<int, int> alpha)
    {
        byte[] Bytes(int value) => image.BitsStored == 16 ? [(byte)(value >> 8), (byte)value] : [(byte)value];
        byte[] pixels = [.. image.Samples.SelectMany(
            (s, i) => (byte[])[.. Bytes(s), .. Bytes(alpha(i) * (image.BitsStored == 16 ? 257 : 1))])];
        return HandMadePng.Write(
            Side, Side, (byte)image.BitsStored, HandMadePng.GreyAlpha, HandMadePng.Deflate(pixels, pixels.Length / Side));
    }
}
