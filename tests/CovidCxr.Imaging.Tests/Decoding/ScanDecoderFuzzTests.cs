using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Imaging.Tests.Inputs;
using NetVips;

namespace CovidCxr.Imaging.Tests.Decoding;

/// <summary>Seeded damage: whatever becomes of a file, it is a picture or a reason, never an exception.</summary>
public class ScanDecoderFuzzTests
{
    const int RoundsPerFile = 100;

    static readonly ScanDecoder Decoder = new(new ImagingOptions { MaxMegapixels = 4, MinSidePixels = 1 });

    public static TheoryData<string> Kinds =>
        ["png8", "png16", "interlaced", "palette", "jpeg", "progressive", "cmyk", "deflate", "lzw", "tiff jpeg", "tiled", "bare tiff"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decode_FileWithFlippedCutOrDoubledBytes_NeverThrows(string kind)
    {
        var file = Make(kind);
        for (var round = 0; round < RoundsPerFile; round++)
        {
            Check(Decoder.Decode(Damage(file, new SplitMix64(round, kind.Length))));
        }
    }

    [Fact]
    public void Decode_PngWithRightChecksumsOverDamagedPixels_NeverThrows()
    {
        // Flips in a whole PNG mostly stop at a chunk's checksum; these reach inflate and the filters.
        var pixels = HandMadePng.Deflate(Samples.Noise(90, 70, 8, 9).Bytes(), 90);
        for (var round = 0; round < RoundsPerFile; round++)
        {
            var random = new SplitMix64(round);
            var bits = (byte)(1 << random.Below(5));
            Check(Decoder.Decode(
                HandMadePng.Write(1 + random.Below(200), 1 + random.Below(200), bits, (byte)random.Below(7), Damage(pixels, random))));
        }
    }

    [Fact]
    public void Decode_TiffWithArbitraryTags_NeverThrows()
    {
        int[] values = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 32, 64, 100, 255, 4096, 65535, 1 << 20, int.MaxValue, -1];
        for (var round = 0; round < 4 * RoundsPerFile; round++)
        {
            var random = new SplitMix64(round);
            (int Tag, int[] Values)[] tags =
            [
                (256, [100]), (257, [80]), (258, [8]), (259, [1]), (262, [1]), (273, [8]), (274, [1]), (277, [1]), (278, [80]),
                (279, [8000]), (284, [1]), (322, [16]), (323, [16]), (324, [8]), (325, [256]), (338, [1]), (339, [1]),
            ];
            for (var change = 0; change < 3; change++)
            {
                tags[random.Below(tags.Length)].Values[0] = values[random.Below(values.Length)];
            }

            var hasTiles = random.Below(2) == 0;
            Check(Decoder.Decode(HandMadeTiff.Write([.. tags.Where(t => hasTiles || t.Tag is < 322 or > 325)], new byte[8000])));
        }
    }

    static void Check(DecodeResult result)
    {
        if (result is DecodeResult.Decoded decoded)
        {
            Expect.WellFormed(decoded.Image);
        }
        else
        {
            Assert.EndsWith(".", ((DecodeResult.Refused)result).Message, StringComparison.Ordinal);
        }
    }

    static byte[] Damage(byte[] file, SplitMix64 random)
    {
        byte[] bytes = [.. file];
        switch (random.Below(4))
        {
            case 0:
                return bytes[..random.Below(bytes.Length)];
            case 1:
                var at = random.Below(bytes.Length);
                return [.. bytes[..at], .. bytes[random.Below(at + 1)..]];
            default:
                // Half of the flips fall into the first hundred bytes, where the headers are.
                for (var i = 1 + random.Below(12); i > 0; i--)
                {
                    bytes[random.Below(random.Below(2) == 0 ? bytes.Length : Math.Min(100, bytes.Length))] ^= (byte)(1 << random.Below(8));
                }

                return bytes;
        }
    }

    static byte[] Make(string kind)
    {
        var grey = Samples.Uneven(90, 70, 8);
        var wide = Samples.Uneven(90, 70, 16);
        return kind switch
        {
            "png8" => PngEncoder.Encode(grey),
            "png16" => PngEncoder.Encode(wide),
            "interlaced" => VipsFiles.InterlacedPng(grey),
            "palette" => HandMadePng.Write(
                90, 70, 8, HandMadePng.Palette, HandMadePng.Deflate(grey.Bytes(), 90),
                ("PLTE", [.. Enumerable.Range(0, 768).Select(i => (byte)i)])),
            "jpeg" => VipsFiles.Jpeg(grey),
            "progressive" => VipsFiles.Jpeg(grey, true),
            "cmyk" => VipsFiles.CmykJpeg(70),
            "deflate" => VipsFiles.Tiff(wide),
            "lzw" => VipsFiles.Tiff(grey, Enums.ForeignTiffCompression.Lzw),
            "tiff jpeg" => VipsFiles.Tiff(grey, Enums.ForeignTiffCompression.Jpeg),
            "tiled" => VipsFiles.Tiff(wide, isTiled: true),
            _ => HandMadeTiff.Write(90, 70, 16, HandMadeTiff.MinIsWhite, wide.WideBytes(), orientation: 6),
        };
    }
}
