using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Tests.Inputs;
using NetVips;

namespace CovidCxr.Imaging.Tests.Decoding;

/// <summary>A TIFF's directory against its file: what is not there is never drawn in black, and the reason fits.</summary>
public class DamagedTiffTests
{
    static readonly TiffStyle Style = new();

    static readonly ScanDecoder Decoder = new(new ImagingOptions { MinSidePixels = 1 });

    static readonly GreyImage Image = Samples.Uneven(90, 70, 8);

    static readonly GreyImage Small = Samples.Uneven(45, 35, 8);

    public static TheoryData<int, string> ForeignCodecs => new()
    {
        { 6, "old-style JPEG" }, { 32809, "ThunderScan" }, { 32909, "Pixar" }, { 34661, "JBIG" }, { 34676, "LogLuv" },
        { 34712, "JPEG 2000" }, { 34887, "LERC" }, { 34925, "LZMA" }, { 50000, "Zstandard" }, { 50002, "JPEG XL" }, { 60123, "not known" },
    };

    [Theory]
    [InlineData(8, false)]
    [InlineData(16, false)]
    [InlineData(8, true)]
    [InlineData(16, true)]
    public void Decode_EveryLayout_GivesTheSamples(int bits, bool isTiled)
    {
        var image = Samples.Uneven(90, 70, bits);
        foreach (var style in TiffStyle.All)
        {
            foreach (var compression in new[] { DrawnTiff.Plain, DrawnTiff.Deflate })
            {
                var file = DrawnTiff.Write(style, DrawnTiff.Picture(image, style, 32, isTiled, compression));

                Assert.Equal(image.PixelHash(), Expect.Image(Decoder.Decode(file)).PixelHash());
            }
        }
    }

    [Theory]
    [InlineData(Enums.ForeignTiffCompression.None)]
    [InlineData(Enums.ForeignTiffCompression.Lzw)]
    [InlineData(Enums.ForeignTiffCompression.Deflate)]
    [InlineData(Enums.ForeignTiffCompression.Packbits)]
    public void Decode_CodecThatIsBuilt_GivesTheSamples(Enums.ForeignTiffCompression compression) =>
        Assert.Equal(Image.Samples, Expect.Image(Decoder.Decode(VipsFiles.Tiff(Image, compression))).Samples);

    // Of a tile libvips says nothing unless warnings count: here no check but libtiff's own finds the damage.
    [Theory]
    [InlineData(Enums.ForeignTiffCompression.Lzw, false)]
    [InlineData(Enums.ForeignTiffCompression.Lzw, true)]
    [InlineData(Enums.ForeignTiffCompression.Packbits, true)]
    [InlineData(Enums.ForeignTiffCompression.Packbits, false)]
    public void Decode_PieceThatEndsEarly_SaysDamaged(Enums.ForeignTiffCompression compression, bool isTiled)
    {
        var file = VipsFiles.Tiff(Samples.Noise(200, 150, 8, 4), compression, isTiled: isTiled);
        Expect.Image(Decoder.Decode(file));
        // To LZW all ones are codes that are not in its table yet; to PackBits, runs that are far too long.
        file.AsSpan(3000, 400).Fill(compression == Enums.ForeignTiffCompression.Lzw ? (byte)0xFF : (byte)0x81);

        Expect.Refused(RefusalReason.Damaged, Decoder.Decode(file));
    }

    [Theory]
    [MemberData(nameof(ForeignCodecs))]
    public void Decode_CodecThatIsNotBuilt_IsNamed(int compression, string name)
    {
        var message = Expect.Refused(RefusalReason.UnsupportedSamples, Decode(Picture().With(259, compression)));

        Assert.Contains(name, message, StringComparison.Ordinal);
        Assert.Contains("LZW or Deflate", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_LzwOfBefore1993_IsNamed()
    {
        // Its first code, 256, with the low bits first.
        var picture = DrawnTiff.Picture(Image, Style, 70).With(259, 5);
        picture.Pieces[0][0] = 0;
        picture.Pieces[0][1] = 1;

        Assert.Contains("1993", Expect.Refused(RefusalReason.UnsupportedSamples, Decode(picture)), StringComparison.Ordinal);
    }

    // The string that makes the codes wider is the strip's last, and the end's code follows in the width before, as libtiff once wrote it.
    [Theory]
    [InlineData(511, 127, 7)]
    [InlineData(1023, 383, 20)]
    [InlineData(2047, 179, 2)]
    public void Decode_LzwWhoseEndIsInTheWidthBefore_IsRead(int wider, int width, int strips)
    {
        // One pixel a code: the first of a strip makes no string, the others those from 258 on.
        var pixels = wider - 258 + 1;
        var rows = pixels / width;
        var image = Samples.Noise(width, rows * strips, 8, 9);
        var picture = DrawnTiff.Picture(image, Style, rows);
        byte[][] Pieces(bool isEndNarrow) => [.. image.Bytes().Chunk(pixels).Select(strip => Lzw(strip, isEndNarrow))];

        var narrow = Pieces(isEndNarrow: true);
        Assert.Equal(image.Samples, Expect.Image(Decode((picture with { Pieces = narrow }).With(259, 5))).Samples);
        Assert.Equal(
            image.Samples, Expect.Image(Decode((picture with { Pieces = Pieces(isEndNarrow: false) }).With(259, 5))).Samples);
        // More than a few bytes after the last pixel, and a pixel too few.
        Expect.Refused(
            RefusalReason.Damaged,
            Decode((picture with { Pieces = [.. narrow[..^1], [.. narrow[^1], .. new byte[100]]] }).With(259, 5)));
        Expect.Refused(
            RefusalReason.Damaged,
            Decode((picture with { Pieces = [.. narrow[..^1], Lzw(image.Bytes()[^pixels..^1], isEndNarrow: false)] }).With(259, 5)));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(12)]
    [InlineData(14)]
    [InlineData(32)]
    public void Decode_OtherBits_SaysHowMany(int bits) => Assert.Contains(
        $"{bits} bits", Expect.Refused(RefusalReason.UnsupportedSamples, Decode(Picture().With(258, bits))), StringComparison.Ordinal);

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(8)]
    [InlineData(32803)]
    public void Decode_OtherColourModel_SaysSo(int photometric) =>
        Expect.Refused(RefusalReason.UnsupportedSamples, Decode(Picture().With(262, photometric)));

    // 80 bytes more than the file has, by tag: offsets, lengths; zero as of a part that was never written; and one entry too few.
    [Theory]
    [InlineData(273, 0, 1_000_000)]
    [InlineData(273, 2, 1_000_000)]
    [InlineData(273, 1, 0)]
    [InlineData(273, 1, 4)]
    [InlineData(279, 0, 1_000_000)]
    [InlineData(279, 2, 0)]
    [InlineData(279, 1, 17)]
    [InlineData(273, 1, 100)]
    public void Decode_StripThatIsNotThere_SaysDamaged(int tag, int entry, int value)
    {
        long[] values = tag == 273 ? [8, 8 + 2880, 8 + 5760] : [2880, 2880, 540];
        Assert.Equal(Image.Samples, Expect.Image(Decode(Picture().With(tag, values))).Samples);
        values[entry] = value;

        Expect.Refused(RefusalReason.Damaged, Decode(Picture().With(tag, values)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Decode_FewerPiecesThanThePictureNeeds_SaysDamaged(bool isTiled)
    {
        var picture = DrawnTiff.Picture(Image, Style, 32, isTiled, DrawnTiff.Deflate);
        var (offsets, counts) = isTiled ? (324, 325) : (273, 279);
        var lengths = picture.Pieces.Select(p => (long)p.Length).ToArray();

        Expect.Refused(RefusalReason.Damaged, Decode(picture.With(counts, lengths[..^1])));
        Expect.Refused(RefusalReason.Damaged, Decode(picture.With(counts)));
        Expect.Refused(RefusalReason.Damaged, Decode(picture.With(offsets)));
        Expect.Refused(RefusalReason.Damaged, Decode(picture.With(257, 700)));
    }

    [Fact]
    public void Decode_PlainStripWithoutLength_IsReadWhereAllOfItIsThere()
    {
        var picture = DrawnTiff.Picture(Image, Style, 70).With(279);
        var file = DrawnTiff.Write(Style, picture);
        var directoryFirst = DrawnTiff.Write(Style with { IsDirectoryFirst = true }, picture);

        Assert.Equal(Image.Samples, Expect.Image(Decoder.Decode(file)).Samples);
        Assert.Equal(Image.Samples, Expect.Image(Decoder.Decode(directoryFirst)).Samples);
        Expect.Refused(RefusalReason.Damaged, Decoder.Decode(directoryFirst[..^1]));
        Expect.Refused(RefusalReason.Damaged, Decode(Picture().With(279)));
    }

    [Theory]
    [InlineData(256, 0)]
    [InlineData(257, 0)]
    [InlineData(278, 0)]
    [InlineData(256, int.MaxValue)]
    [InlineData(277, 0)]
    public void Decode_SizeOfNothingOrOfEverything_SaysDamaged(int tag, int value) =>
        Expect.Refused(RefusalReason.Damaged, Decode(Picture().With(tag, value)));

    [Theory]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(262)]
    public void Decode_MissingTag_SaysDamaged(int tag) => Expect.Refused(RefusalReason.Damaged, Decode(Picture().With(tag)));

    [Fact]
    public void Decode_DirectoriesInACircleOrBeyondTheEnd_SayDamaged()
    {
        var file = DrawnTiff.Write(Style with { IsDirectoryFirst = true }, Picture());
        // The pointer to the next directory stands behind the entries.
        var next = 8 + 2 + (12 * file[8]);
        foreach (var address in new byte[] { 8, 9, 255 })
        {
            byte[] bad = [.. file];
            bad[next] = address;
            bad[next + 2] = (byte)(address == 255 ? 255 : 0);

            Expect.Refused(RefusalReason.Damaged, Decoder.Decode(bad));
        }

        Assert.All(new byte[] { 0, 7, 250 }, first =>
            Expect.Refused(RefusalReason.Damaged, Decoder.Decode([.. file[..4], first, 0, 255, 0, .. file[8..]])));
    }

    [Fact]
    public void Decode_PreviewBesideThePicture_ReadsThePicture()
    {
        foreach (var style in TiffStyle.All)
        {
            var (whole, preview) = (DrawnTiff.Picture(Image, style, 32), DrawnTiff.Picture(Small, style, 32).With(254, 1));
            var mask = DrawnTiff.Picture(Small, style, 32).With(254, 4);

            Assert.Equal(Image.Samples, Expect.Image(Decoder.Decode(DrawnTiff.Write(style, preview, whole))).Samples);
            Assert.Equal(Image.Samples, Expect.Image(Decoder.Decode(DrawnTiff.Write(style, whole, preview, mask))).Samples);
            Assert.Equal(Image.Samples, Expect.Image(Decoder.Decode(DrawnTiff.Write(style, [whole], [preview, mask]))).Samples);
        }
    }

    [Fact]
    public void Decode_CutPreview_SaysDamaged()
    {
        var style = Style with { IsDirectoryFirst = true };
        var preview = DrawnTiff.Picture(Small, style, 32).With(254, 1);

        Expect.Refused(RefusalReason.Damaged, Decoder.Decode(DrawnTiff.Write(style, DrawnTiff.Picture(Image, style, 32), preview)[..^9]));
        Expect.Refused(
            RefusalReason.Damaged, Decoder.Decode(DrawnTiff.Write(style, [DrawnTiff.Picture(Image, style, 32)], [preview])[..^9]));
        Expect.Refused(RefusalReason.Damaged, Decode(Picture().With(330, 1_000_000)));
    }

    [Fact]
    public void Decode_ManySubDirectories_SaysDamaged()
    {
        var style = Style with { IsDirectoryFirst = true };
        var preview = DrawnTiff.Picture(new GreyImage(1, 1, 8, [7]), style, 1).With(254, 1);
        TiffPicture[] Previews(int count) => [.. Enumerable.Repeat(preview, count)];
        var whole = DrawnTiff.Picture(Image, style, 32);

        // One more than the directories that are read of a file, in a list or along a chain.
        Assert.Equal(Image.Samples, Expect.Image(Decoder.Decode(DrawnTiff.Write(style, [whole], Previews(255)))).Samples);
        Expect.Refused(RefusalReason.Damaged, Decoder.Decode(DrawnTiff.Write(style, [whole], Previews(256))));
        Expect.Refused(RefusalReason.Damaged, Decoder.Decode(DrawnTiff.Write(style, [whole, .. Previews(250)], Previews(6))));
        // All at one directory, here the picture's own.
        Assert.Equal(Image.Samples, Expect.Image(DecodeEqual(200)).Samples);
        Expect.Refused(RefusalReason.Damaged, DecodeEqual(10_000));

        DecodeResult DecodeEqual(int count) =>
            Decoder.Decode(DrawnTiff.Write(style, whole.With(330, [.. Enumerable.Repeat(8L, count)])));
    }

    [Fact]
    public void Decode_TagOfManyValues_IsReadAsFarAsItIsNeeded() =>
        Assert.Equal(
            Image.Samples,
            Expect.Image(Decoder.Decode(DrawnTiff.Write(
                Style, [Picture()], [DrawnTiff.Picture(Small, Style, 35).With(254, 1).With(278, [35, .. new long[100_000]])]))).Samples);

    [Fact]
    public void Decode_PreviewAlone_SaysPreview()
    {
        var preview = DrawnTiff.Picture(Small, Style, 32).With(254, 1);
        var message = Expect.Refused(RefusalReason.UnsupportedSamples, Decoder.Decode(DrawnTiff.Write(Style, [preview], [Picture()])));

        Assert.Contains("preview", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_TwoPictures_SaysSeveralPages() =>
        Expect.Refused(RefusalReason.SeveralFrames, Decoder.Decode(DrawnTiff.Write(Style, Picture(), Picture())));

    [Theory]
    [InlineData(1_000_000, 960_000)]
    [InlineData(90, 1_000_000)]
    public void Decode_VastPictureOfOneStripManyTimes_IsRefusedBeforeItIsUnpacked(int width, int height)
    {
        var count = (height + 39) / 40;
        var strip = DrawnTiff.Picture(new GreyImage(1000, 40, 8, new ushort[40_000]), Style, 40, compression: DrawnTiff.Deflate);
        var picture = strip.With(256, width).With(257, height).With(273, [.. Enumerable.Repeat(8L, count)])
            .With(279, [.. Enumerable.Repeat((long)strip.Pieces[0].Length, count)]);

        var message = Expect.Refused(RefusalReason.TooManyPixels, Decode(picture));

        Assert.Contains($"{width} x {height} pixels; the limit is 40 megapixels", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_OneStripForManyEqualOnes_IsRead()
    {
        var image = new GreyImage(90, 70, 8, [.. Enumerable.Range(0, 90 * 70).Select(i => (ushort)(i % 900 / 9))]);
        var strips = DrawnTiff.Picture(image, Style, 20, compression: DrawnTiff.Deflate);
        var lengths = strips.Pieces.Select(p => (long)p.Length).ToArray();
        var last = 8 + lengths[..^1].Sum();
        var picture = strips.With(273, 8, 8, 8, last);

        Assert.Equal(image.Samples, Expect.Image(Decode(picture)).Samples);
        // The last strip has fewer rows than the piece that it shares here.
        var shared = picture.With(273, 8, 8, 8, 8).With(279, [.. Enumerable.Repeat(lengths[0], 4)]);
        Assert.Equal(image.Samples, Expect.Image(Decode(shared)).Samples);
    }

    [Fact]
    public void Decode_SmallPictureOfManyVastTiles_SaysDamaged() => Expect.Refused(
        RefusalReason.Damaged, Decode(DrawnTiff.Picture(Image, Style, 16, isTiled: true).With(322, 1 << 20).With(323, 16).With(257, 700)));

    [Fact]
    public void Decode_OddTagThatIsNotThePixels_ChangesNothing()
    {
        foreach (var isTiled in new[] { false, true })
        {
            foreach (var compression in new[] { DrawnTiff.Plain, DrawnTiff.Deflate })
            {
                // A tag that nobody knows, and a date of numbers, of which libtiff warns.
                var picture = DrawnTiff.Picture(Image, Style, 32, isTiled, compression).With(65_000, 1, 2, 3).With(306, 7);

                Assert.Equal(Image.Samples, Expect.Image(Decode(picture)).Samples);
            }
        }
    }

    // Each byte a code of its own, which a reader takes as it takes longer strings.
    static byte[] Lzw(byte[] bytes, bool isEndNarrow)
    {
        var (bits, width, next) = (new List<bool>(), 9, 257);
        Write(256);
        for (var i = 0; i < bytes.Length; i++)
        {
            Write(bytes[i]);
            next++;
            width = next + 1 >= 1 << width && (i + 1 < bytes.Length || !isEndNarrow) ? width + 1 : width;
        }

        Write(257);
        return [.. bits.Chunk(8).Select(b => (byte)b.Index().Sum(x => x.Item ? 128 >> x.Index : 0))];

        void Write(int code) => bits.AddRange(Enumerable.Range(1, width).Select(i => ((code >> (width - i)) & 1) == 1));
    }

    static TiffPicture Picture() => DrawnTiff.Picture(Image, Style, 32);

    static DecodeResult Decode(TiffPicture picture) => Decoder.Decode(DrawnTiff.Write(Style, picture));
}
