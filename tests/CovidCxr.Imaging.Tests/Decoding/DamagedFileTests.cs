using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Imaging.Tests.Inputs;
using CsCheck;

namespace CovidCxr.Imaging.Tests.Decoding;

/// <summary>
/// Any damage to any file: it is refused, or its pixels are those of the whole file. CsCheck seeds only the first of its samples, so the
/// list of damages is drawn as one sample and is the same every time.
/// </summary>
public class DamagedFileTests
{
    const string Seed = "0000KOIPe036";
    const int Rounds = 60;

    static readonly ScanDecoder Decoder = new(new ImagingOptions { MinSidePixels = 1 });

    static readonly GreyImage Picture = Samples.Uneven(90, 70, 8);

    static readonly Damage[] Cuts = Draw(Gen.Const(0));

    static readonly Damage[] Overwritten = Draw(Gen.Int[1, 400]);

    public static TheoryData<string> Lossless => [.. Files.Keys.Where(k => !k.StartsWith("jpeg", StringComparison.Ordinal))];

    public static TheoryData<string> All => [.. Files.Keys];

    public static TheoryData<bool, bool, bool> TiffStyles =>
        [.. TiffStyle.All.Select(s => (s.IsBigEndian, s.IsBigTiff, s.IsDirectoryFirst))];

    static Dictionary<string, byte[]> Files { get; } = Make();

    [Theory]
    [MemberData(nameof(All))]
    public void Decode_CutFile_IsRefusedOrWhole(string name)
    {
        var file = Files[name];
        var whole = Expect.Image(Decoder.Decode(file)).PixelHash();

        Assert.All(Cuts, c => Check(whole, Decoder.Decode(c.Apply(file))));
        Assert.All(Enumerable.Range(1, 40), end => Check(whole, Decoder.Decode(file[..^end])));
    }

    // Every byte of a PNG is under a checksum but the signature, without which it is none.
    [Theory]
    [InlineData("png")]
    [InlineData("png interlaced")]
    [InlineData("png 16")]
    public void Decode_OverwrittenPng_IsRefusedOrWhole(string name)
    {
        var whole = Expect.Image(Decoder.Decode(Files[name])).PixelHash();

        Assert.All(Overwritten, d => Check(whole, Decoder.Decode(d.Apply(Files[name]))));
    }

    // Deflate has a checksum; a TIFF's directory and plain samples have none, so damage there that makes sense cannot be known.
    [Theory]
    [MemberData(nameof(TiffStyles))]
    public void Decode_OverwrittenDeflatedStripsOrTiles_AreRefusedOrWhole(bool isBigEndian, bool isBigTiff, bool isDirectoryFirst)
    {
        var style = new TiffStyle(isBigEndian, isBigTiff, isDirectoryFirst);
        foreach (var isTiled in new[] { false, true })
        {
            var picture = DrawnTiff.Picture(Picture, style, 32, isTiled, DrawnTiff.Deflate);
            var file = DrawnTiff.Write(style, picture);
            var first = DrawnTiff.FirstPiece(style, file, picture);
            var last = first + picture.Pieces.Sum(p => p.Length);

            Assert.All(Overwritten, d => Check(Picture.PixelHash(), Decoder.Decode(d.Apply(file, first, last))));
        }
    }

    [Theory]
    [MemberData(nameof(TiffStyles))]
    public void Decode_OverwrittenPlainStrips_ChangeTheirOwnPixelsAlone(bool isBigEndian, bool isBigTiff, bool isDirectoryFirst)
    {
        var style = new TiffStyle(isBigEndian, isBigTiff, isDirectoryFirst);
        var picture = DrawnTiff.Picture(Picture, style, 16);
        var file = DrawnTiff.Write(style, picture);
        var first = DrawnTiff.FirstPiece(style, file, picture);

        Assert.All(Overwritten, d =>
        {
            var image = Expect.Image(Decoder.Decode(d.Apply(file, first, first + Picture.Samples.Length)));
            var at = (int)(d.At * Picture.Samples.Length);
            Assert.Equal(Picture.Samples[..at], image.Samples[..at]);
            var after = Math.Min(at + d.Length, Picture.Samples.Length);
            Assert.Equal(Picture.Samples[after..], image.Samples[after..]);
        });
    }

    // JPEG has no checksum. Damage that leaves as many valid codes as there were cannot be known; a few bytes in a hundred tries do so.
    [Theory]
    [InlineData("jpeg")]
    [InlineData("jpeg restarts")]
    [InlineData("jpeg colour")]
    [InlineData("jpeg progressive")]
    [InlineData("jpeg in tiff")]
    public void Decode_OverwrittenScanOfAJpeg_IsRefusedNearlyAlways(string name)
    {
        var file = Files[name];
        var scan = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]) + 14;
        // A TIFF has a JPEG for every strip: the first is damaged. A progressive file has several scans: from the first header to the end.
        var end = scan + file.AsSpan(scan).IndexOf((ReadOnlySpan<byte>)[0xFF, 0xD9]);

        var missed = Overwritten.Where(d => d.Length >= 8).Select(d => d.Apply(file, scan, end))
            .Count(f => Decoder.Decode(f) is DecodeResult.Decoded);

        Assert.InRange(missed, 0, 1);
    }

    static Damage[] Draw(Gen<int> lengths) => Gen.Select(Gen.Double.Unit, lengths, Gen.Int[0, 1 << 20])
        .Select(d => new Damage(d.Item1, d.Item2, d.Item3)).Array[Rounds].Single(_ => true, Seed);

    static void Check(string whole, DecodeResult result)
    {
        if (result is DecodeResult.Decoded decoded)
        {
            Assert.Equal(whole, decoded.Image.PixelHash());
        }
    }

    static Dictionary<string, byte[]> Make()
    {
        // Noise would hide nothing: a smooth picture has the short codes that damage can imitate.
        var smooth = new GreyImage(160, 130, 8, [.. Enumerable.Range(0, 160 * 130).Select(i => (ushort)((i % 160) + (i / 160 / 2)))]);
        var files = new Dictionary<string, byte[]>
        {
            ["png"] = PngEncoder.Encode(Picture),
            ["png 16"] = PngEncoder.Encode(Samples.Uneven(90, 70, 16)),
            ["png interlaced"] = VipsFiles.InterlacedPng(Picture),
            ["lzw"] = VipsFiles.Tiff(Picture, NetVips.Enums.ForeignTiffCompression.Lzw),
            ["jpeg in tiff"] = VipsFiles.Tiff(smooth, NetVips.Enums.ForeignTiffCompression.Jpeg),
            ["jpeg"] = VipsFiles.Jpeg(smooth),
            ["jpeg restarts"] = VipsFiles.Jpeg(smooth, restart: 7),
            ["jpeg colour"] = VipsFiles.ColourJpeg(smooth),
            ["jpeg colour restarts"] = VipsFiles.ColourJpeg(smooth, restart: 3),
            ["jpeg progressive"] = VipsFiles.Jpeg(smooth, isProgressive: true),
        };
        foreach (var style in TiffStyle.All)
        {
            foreach (var (isTiled, compression) in new[]
            {
                (false, DrawnTiff.Plain), (true, DrawnTiff.Plain), (false, DrawnTiff.Deflate), (true, DrawnTiff.Deflate)
            })
            {
                files[$"{style} {isTiled} {compression}"] = DrawnTiff.Write(
                    style, DrawnTiff.Picture(Picture, style, 32, isTiled, compression));
            }
        }

        return files;
    }
}
