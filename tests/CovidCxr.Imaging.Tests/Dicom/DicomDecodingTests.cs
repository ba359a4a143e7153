using System.Text;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Dicom;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Imaging.Tests.Inputs;

namespace CovidCxr.Imaging.Tests.Dicom;

/// <summary>Every way to write a film gives the samples that were written.</summary>
public class DicomDecodingTests
{
    static readonly ScanDecoder Decoder = new(new ImagingOptions { MinSidePixels = 16 });

    static DecodeResult Decode(byte[] file) => Decoder.Decode(file, TestContext.Current.CancellationToken);

    static byte[] Plain => [.. DicomFixture.All["explicit"].File];

    public static TheoryData<string> Names => [.. DicomFixture.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Decode_DicomOfAnyWriting_GivesTheSamples(string name)
    {
        var expected = DicomFixture.All[name];
        DicomFixture.NeedCodec(name);

        var image = Expect.Image(Decode(expected.File));

        Assert.Equal((25, 21, expected.Bits), (image.Width, image.Height, image.BitsStored));
        Assert.All(image.Samples.Zip(expected.Samples), p => Assert.InRange(Math.Abs(p.First - p.Second), 0, expected.Tolerance));
    }

    [Fact]
    public void Decode_DicomAndPngOfTheSameSamples_AreTheSameImage()
    {
        var dicom = Expect.Image(Decode(Plain));
        var png = Expect.Image(Decode(PngEncoder.Encode(new(25, 21, 16, DicomFixture.All["explicit"].Samples))));

        Assert.Equal(png.PixelHash(), dicom.PixelHash());
    }

    [Fact]
    public void Decode_Dicom_ReadsItsHeader()
    {
        var header = Assert.IsType<DecodeResult.Decoded>(Decode(Plain)).Header;

        Assert.Equal(
            new DicomHeader(
                "P-ä 7", "F", new(1965, 3, 2), 60, new(2026, 3, 1), "PA", "U", "CHEST", "CR", null, "A-0815", "2.25.16", "2.25.17",
                "2.25.15"),
            header);
    }

    [Theory]
    [InlineData("ISO_IR 192", "P-\u00E9\u4E2D", 65001)]
    [InlineData("ISO_IR 144", "\u0416-7", 28595)]
    [InlineData("\\ISO 2022 IR 149", "\uAE40-7", 51949)]
    [InlineData("ISO_IR 13", "\uFF94-7", 932)]
    public void Decode_DicomInAnotherCharacterSet_ReadsTheNumber(string characterSet, string number, int codePage)
    {
        var encoding = CodePagesEncodingProvider.Instance.GetEncoding(codePage) ?? Encoding.UTF8;
        var file = Replace(Plain, "ISO_IR 100", Encoding.ASCII.GetBytes(characterSet));

        file = Replace(file, "P-\u00E4 7", encoding.GetBytes(number));

        Assert.Equal(number, Assert.IsType<DecodeResult.Decoded>(Decode(file)).Header!.PatientId);
    }

    [Theory]
    [InlineData("1.2.840.10008.5.1.4.1.1.2", "a CT image")]
    [InlineData("1.2.840.10008.5.1.4.1.1.1.2", "a mammogram")]
    [InlineData("1.2.840.10008.5.1.4.1.1.88.33", "a structured report")]
    [InlineData("1.2.840.10008.1.3.10", "no image")]
    public void Decode_DicomOfAnotherKind_NamesTheKind(string uid, string name)
    {
        // The data set's class is the second one; the meta group's is not looked at.
        var file = Replace(Plain, "1.2.840.10008.5.1.4.1.1.1\0", Encoding.ASCII.GetBytes(uid), last: true);

        Assert.Contains(name, Expect.Refused(RefusalReason.Dicom, Decode(file)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2.4.93", "JPEG 2000")]
    [InlineData("1.2.840.10008.1.2.4.110", "JPEG XL")]
    [InlineData("1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000")]
    [InlineData("1.2.840.10008.1.2.4.102", "MPEG")]
    [InlineData("1.2.840.99", "not known")]
    public void Decode_DicomOfAnUnreadSyntax_NamesIt(string uid, string name)
    {
        var file = Replace(Plain, "1.2.840.10008.1.2.1\0", Encoding.ASCII.GetBytes(uid));

        Assert.Contains(name, Expect.Refused(RefusalReason.Dicom, Decode(file)), StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_DicomCutShort_IsDamaged() => Expect.Refused(RefusalReason.Damaged, Decode(Plain[..^10]));

    [Fact]
    public void Decode_DeflatedBomb_IsRefused()
    {
        using var packed = new MemoryStream();
        using (var deflater = new System.IO.Compression.DeflateStream(packed, System.IO.Compression.CompressionLevel.Fastest, true))
        {
            deflater.Write(new byte[64 * 1024 * 1024]);
        }

        var whole = DicomFixture.All["deflated"].File;
        var start = 144 + BitConverter.ToInt32(whole, 140);
        var strict = new ScanDecoder(new ImagingOptions { MaxMegapixels = 1, MaxFileMegabytes = 1 });

        byte[] bomb = [.. whole[..start], .. packed.ToArray()];
        Expect.Refused(RefusalReason.Damaged, strict.Decode(bomb, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(70, false)]
    [InlineData(100_000, false)]
    public void Decode_NestedSequences_EndAtTheDepth(int depth, bool isRead)
    {
        // (0008,1110) without length and in it an item without length; nothing closes what is refused.
        byte[] open = [8, 0, 0x10, 0x11, (byte)'S', (byte)'Q', 0, 0, 255, 255, 255, 255, 0xFE, 0xFF, 0, 0xE0, 255, 255, 255, 255];
        byte[] close = [0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0, 0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0];
        var whole = Plain;
        var start = 144 + BitConverter.ToInt32(whole, 140);
        byte[] file =
        [
            .. whole[..start], .. Enumerable.Repeat(open, depth).SelectMany(b => b), .. Enumerable.Repeat(close, depth).SelectMany(b => b),
            .. whole[start..],
        ];

        Assert.Equal(isRead, Decode(file) is DecodeResult.Decoded);
    }

    // In an explicit data set with short lengths; an odd value gets its padding.
    static byte[] Replace(byte[] file, string old, byte[] value, bool last = false)
    {
        var searched = Encoding.Latin1.GetBytes(old);
        var at = last ? file.AsSpan().LastIndexOf(searched) : file.AsSpan().IndexOf(searched);
        Assert.True(at > 0);
        var length = BitConverter.ToUInt16(file, at - 2);
        byte[] padded = value.Length % 2 == 0 ? value : [.. value, 0];
        byte[] changed = [.. file[..(at - 2)], .. BitConverter.GetBytes((ushort)padded.Length), .. padded, .. file[(at + length)..]];
        if (at < 400 && !last)
        {
            var group = BitConverter.ToInt32(changed, 140);
            BitConverter.TryWriteBytes(changed.AsSpan(140), group + padded.Length - length);
        }

        return changed;
    }
}
