using System.Buffers.Binary;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Dicom;
using CovidCxr.Imaging.Tests.Inputs;

namespace CovidCxr.Imaging.Tests.Dicom;

/// <summary>What native libraries would draw in grey, or take memory for, is refused before or after they see it.</summary>
public class CodestreamTests
{
    const string Jpeg2000Film = "JPEG 2000, 12 bit", JpegLsFilm = "JPEG-LS, 12 bit", TwelveBitFilm = "JPEG extended, 12 bit";

    static readonly ScanDecoder Decoder = new(new ImagingOptions { MinSidePixels = 16 });

    static DecodeResult Decode(byte[] file) => Decoder.Decode(file, TestContext.Current.CancellationToken);

    public static TheoryData<string> Films => [Jpeg2000Film, "JPEG 2000, tiles", "JPEG 2000, boxes around", JpegLsFilm, TwelveBitFilm];

    [Theory]
    [MemberData(nameof(Films))]
    public void Decode_CodestreamCutAnywhere_IsDamaged(string name)
    {
        DicomFixture.NeedCodec(name);
        var (head, codestream) = Parts(name);
        Expect.Image(Decode(With(head, codestream)));
        byte[] end = [0xFF, 0xD9];
        // The last bytes that are no padding are the end's.
        var whole = codestream.AsSpan().TrimEnd((byte)0).Length;

        for (var cut = 0; cut < whole - 2; cut++)
        {
            Expect.Refused(RefusalReason.Damaged, Decode(With(head, codestream[..cut])));
            var closed = Decode(With(head, [.. codestream[..cut], .. end]));
            // Behind the last code nothing is missing: a byte of padding was cut off.
            Assert.True(closed is DecodeResult.Refused || cut >= whole - 3, $"cut at {cut} of {whole}, and closed");
        }
    }

    [Theory]
    [MemberData(nameof(Films))]
    public void Decode_CodestreamOfAnotherSizeThanTheHeader_IsDamaged(string name)
    {
        DicomFixture.NeedCodec(name);
        var file = DicomFixture.All[name].File;
        // Columns (0028,0011), explicit and little endian: 25 become 24.
        var at = file.AsSpan().IndexOf((byte[])[0x28, 0, 0x11, 0, (byte)'U', (byte)'S', 2, 0]) + 8;

        Expect.Refused(RefusalReason.Damaged, Decode([.. file[..at], 24, 0, .. file[(at + 2)..]]));
    }

    [Theory]
    // Width, of 25 pixels, and tile sizes: so many pixels or tiles that no memory would do.
    [InlineData(8, 0x7FFFFFFFu)]
    [InlineData(12, 0x7FFFFFFFu)]
    [InlineData(24, 1u)]
    [InlineData(24, 0u)]
    [InlineData(16, 0xFFFFFFFFu)]
    public void Read_SizeThatNoFilmHas_IsRefusedWithoutTheLibrary(int at, uint value)
    {
        var codestream = Parts(Jpeg2000Film).Codestream;
        var (header, huge) = (Jpeg2000Header.Read(codestream), codestream.ToArray());
        BinaryPrimitives.WriteUInt32BigEndian(huge.AsSpan(at), value);

        Assert.Equal((25u, 21u, 1, 12, false), (header!.Value.Width, header.Value.Height, header.Value.Components, header.Value.Bits,
            header.Value.IsSigned));
        Assert.NotEqual((25u, 21u), (Jpeg2000Header.Read(huge)?.Width, Jpeg2000Header.Read(huge)?.Height));
    }

    [Fact]
    public void Read_ThousandsOfTiles_IsRefused()
    {
        var codestream = Parts(Jpeg2000Film).Codestream;
        // 100000 x 25, in tiles of one pixel.
        BinaryPrimitives.WriteUInt32BigEndian(codestream.AsSpan(8), 100_000);
        BinaryPrimitives.WriteUInt32BigEndian(codestream.AsSpan(24), 1);
        BinaryPrimitives.WriteUInt32BigEndian(codestream.AsSpan(28), 1);

        Assert.Null(Jpeg2000Header.Read(codestream));
    }

    [Fact]
    public void Decode_NumberThatTheHeadersBitsDoNotHold_IsDamaged()
    {
        DicomFixture.NeedCodec(Jpeg2000Film);
        var file = DicomFixture.All[Jpeg2000Film].File;
        // Bits Stored (0028,0101) and High Bit (0028,0102): 8 of the 12.
        var at = file.AsSpan().IndexOf((byte[])[0x28, 0, 1, 1, (byte)'U', (byte)'S', 2, 0]) + 8;

        Expect.Refused(RefusalReason.Damaged, Decode([.. file[..at], 8, 0, .. file[(at + 2)..(at + 10)], 7, 0, .. file[(at + 12)..]]));
    }

    [Fact]
    public void Decode_TwelveBitsThatOvershootTheHeadersTen_AreCutOffAtWhite()
    {
        var file = DicomFixture.All[TwelveBitFilm].File;
        var at = file.AsSpan().IndexOf((byte[])[0x28, 0, 1, 1, (byte)'U', (byte)'S', 2, 0]) + 8;
        var all = Expect.Image(Decode(file)).Samples;
        Assert.Contains(all, s => s > 1023);

        var cut = Expect.Image(Decode([.. file[..at], 10, 0, .. file[(at + 2)..(at + 10)], 9, 0, .. file[(at + 12)..]]));

        Assert.Equal(all.Select(s => Math.Min(s, (ushort)1023)), cut.Samples);
    }

    [Fact]
    public void Decode_TwelveBitsInUnitsLargerThanBlocks_IsDamaged()
    {
        var (head, codestream) = Parts(TwelveBitFilm);
        // Start of frame 1: length, precision, height, width, one component, its name, and how often it is sampled: twice each way.
        var sampling = codestream.AsSpan().IndexOf((byte[])[0xFF, 0xC1]) + 11;
        Assert.Equal(0x11, codestream[sampling]);
        codestream[sampling] = 0x22;

        Expect.Refused(RefusalReason.Damaged, Decode(With(head, codestream)));
    }

    [Fact]
    public void Codec_ThatIsNotInstalled_IsNamedWithItsPackage()
    {
        Assert.False(new NativeCodec("libcovidcxr-none.so.1", "anything", "libnone1").IsPresent);
        // A library that is there and lacks what is asked for: too old.
        Assert.False(new NativeCodec("libc.so.6", "opj_not_there", "libc6").IsPresent);
        Assert.True(new NativeCodec("libc.so.6", "malloc", "libc6").IsPresent);
        var refused = Refusals.DicomCodec("JPEG-LS", "libcharls2");
        Assert.Equal(RefusalReason.Dicom, refused.Reason);
        Assert.Contains("JPEG-LS", refused.Message, StringComparison.Ordinal);
        Assert.Contains("libcharls2", refused.Message, StringComparison.Ordinal);
    }

    // The file up to its pixels' fragments, and the only fragment: (7FE0,0010) OB of undefined length, an empty table, one item.
    static (byte[] Head, byte[] Codestream) Parts(string name)
    {
        var file = DicomFixture.All[name].File;
        var pixels = file.AsSpan().IndexOf((byte[])[0xE0, 0x7F, 0x10, 0, (byte)'O']) + 12;
        var fragment = pixels + 8 + BitConverter.ToInt32(file, pixels + 4);
        return (file[..pixels], file.AsSpan(fragment + 8, BitConverter.ToInt32(file, fragment + 4)).ToArray());
    }

    static byte[] With(byte[] head, byte[] codestream)
    {
        byte[] padded = codestream.Length % 2 == 0 ? codestream : [.. codestream, 0];
        return
        [
            .. head, 0xFE, 0xFF, 0, 0xE0, 0, 0, 0, 0, 0xFE, 0xFF, 0, 0xE0, .. BitConverter.GetBytes(padded.Length), .. padded,
            0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0,
        ];
    }
}
