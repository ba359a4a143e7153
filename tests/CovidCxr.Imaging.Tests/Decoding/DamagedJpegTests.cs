using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Tests.Inputs;

namespace CovidCxr.Imaging.Tests.Decoding;

/// <summary>What libjpeg draws on through, and what is known of it.</summary>
public class DamagedJpegTests
{
    static readonly ScanDecoder Decoder = new(new ImagingOptions { MinSidePixels = 1 });

    static readonly GreyImage Smooth = new(
        160, 130, 8, [.. Enumerable.Range(0, 160 * 130).Select(i => (ushort)((i % 160) + (i / 160 / 2)))]);

    static readonly byte[] Sequential = VipsFiles.Jpeg(Smooth);

    static readonly byte[] Restarts = VipsFiles.Jpeg(Smooth, restart: 7);

    static readonly byte[] Progressive = VipsFiles.Jpeg(Smooth, isProgressive: true);

    public static TheoryData<byte, string> ForeignProcesses =>
        new() { { 0xC3, "lossless" }, { 0xC9, "arithmetic" }, { 0xCA, "arithmetic" }, { 0xC5, "hierarchical" } };

    [Fact]
    public void Decode_WholeFiles_AreRead()
    {
        byte[][] files = [Sequential, Restarts, Progressive, VipsFiles.ColourJpeg(Smooth), VipsFiles.ColourJpeg(Smooth, restart: 3)];

        Assert.All(files, f => Expect.Image(Decoder.Decode(f)));
    }

    [Fact]
    public void Decode_BytesAfterTheEnd_AreNotThePictures() =>
        Assert.Equal(
            Expect.Image(Decoder.Decode(Sequential)).PixelHash(), Expect.Image(Decoder.Decode([.. Sequential, .. Sequential])).PixelHash());

    [Fact]
    public void Decode_EndMarkerMissingOrTooEarly_SaysDamaged()
    {
        foreach (var file in new[] { Sequential, Restarts, Progressive })
        {
            Expect.Refused(RefusalReason.Damaged, Decoder.Decode(file[..^2]));
            // The end in the middle, and the rest after it: libvips reports nothing of that.
            var middle = file.Length * 2 / 3;
            Expect.Refused(RefusalReason.Damaged, Decoder.Decode([.. file[..middle], 0xFF, 0xD9, .. file[middle..]]));
            Expect.Refused(RefusalReason.Damaged, Decoder.Decode([.. file[..middle], 0xFF, 0xD9]));
        }
    }

    [Fact]
    public void Decode_LastPassesOfAProgressiveFileMissing_SaysDamaged()
    {
        var last = Progressive.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);

        Expect.Refused(RefusalReason.Damaged, Decoder.Decode([.. Progressive[..last], 0xFF, 0xD9]));
    }

    [Fact]
    public void Decode_HundredPassesAndMore_SaysHowMany()
    {
        var last = Progressive.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);
        var pass = Progressive[last..^2];
        byte[] bomb = [.. Progressive[..last], .. Enumerable.Repeat(pass, 120).SelectMany(p => p), 0xFF, 0xD9];

        Assert.Contains("100", Expect.Refused(RefusalReason.TooManyScans, Decoder.Decode(bomb)), StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_RestartMarkerLostOrChanged_SaysDamaged()
    {
        var scan = Restarts.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);
        var third = scan + Restarts.AsSpan(scan).IndexOf((ReadOnlySpan<byte>)[0xFF, 0xD2]);
        Assert.True(third > scan);
        byte[] changed = [.. Restarts];
        changed[third + 1] = 0xD5;

        Expect.Refused(RefusalReason.Damaged, Decoder.Decode(changed));
        Expect.Refused(RefusalReason.Damaged, Decoder.Decode([.. Restarts[..third], .. Restarts[(third + 2)..]]));
        Expect.Refused(RefusalReason.Damaged, Decoder.Decode([.. Restarts[..third], 0xFF, 0xD2, .. Restarts[third..]]));
    }

    [Theory]
    [MemberData(nameof(ForeignProcesses))]
    public void Decode_ProcessThatIsNotRead_IsNamed(byte marker, string name)
    {
        byte[] file = [.. Sequential];
        file[file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]) + 1] = marker;

        Assert.Contains(name, Expect.Refused(RefusalReason.UnsupportedSamples, Decoder.Decode(file)), StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_TwelveBits_SaysHowMany()
    {
        byte[] file = [.. Sequential];
        file[file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]) + 4] = 12;

        Assert.Contains("12 bits", Expect.Refused(RefusalReason.UnsupportedSamples, Decoder.Decode(file)), StringComparison.Ordinal);
    }
}
