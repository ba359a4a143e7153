using System.Text;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Imaging.Tests.Inputs;
using CovidCxr.Testing;

namespace CovidCxr.Imaging.Tests.Decoding;

/// <summary>Every bad file gets a reason and a sentence, and none of its own words.</summary>
public class ScanDecoderRefusalTests
{
    static readonly ScanDecoder Decoder = new(new ImagingOptions());

    [Fact]
    public void Decode_ZeroBytes_SaysEmpty() => Expect.Refused(RefusalReason.Empty, Decoder.Decode([]));

    [Theory]
    [InlineData("Patient has cough, fever. Not a picture at all.")]
    [InlineData(
        "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"900\" height=\"900\"><rect width=\"9\" "
            + "height=\"9\"/></svg>")]
    [InlineData("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"900\" height=\"900\"/>")]
    [InlineData("%PDF-1.7\n1 0 obj")]
    [InlineData("P5\n64 64\n255\n")]
    [InlineData("x")]
    public void Decode_TextUnderAPicturesName_SaysNotAnImage(string text)
    {
        var message = Expect.Refused(RefusalReason.NotAnImage, Decoder.Decode(Encoding.UTF8.GetBytes(text)));

        Assert.DoesNotContain("cough", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_AnimatedGifAndWebP_SayNotAnImage()
    {
        var gif = VipsFiles.Frames(64, i => i.GifsaveBuffer());
        var webp = VipsFiles.Frames(64, i => i.WebpsaveBuffer());

        Assert.Equal("GIF89a", Encoding.ASCII.GetString(gif, 0, 6));
        Assert.Equal("WEBP", Encoding.ASCII.GetString(webp, 8, 4));
        Expect.Refused(RefusalReason.NotAnImage, Decoder.Decode(gif));
        Expect.Refused(RefusalReason.NotAnImage, Decoder.Decode(webp));
    }

    [Fact]
    public void Decode_DicomWithNothingInIt_IsDamaged() =>
        Expect.Refused(RefusalReason.Damaged, Decoder.Decode([.. new byte[128], .. "DICM"u8, .. new byte[64]]));

    [Fact]
    public void Decode_DicomWithATiffsPreamble_IsStillDicom()
    {
        byte[] objectWithoutClass = [8, 0, 5, 0, (byte)'C', (byte)'S', 10, 0, .. "ISO_IR 100"u8];

        byte[] file = [.. "II*\0"u8, .. new byte[124], .. "DICM"u8, .. objectWithoutClass];

        var message = Expect.Refused(RefusalReason.Dicom, Decoder.Decode(file));

        Assert.Contains("PNG", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(63, 2000)]
    [InlineData(2000, 63)]
    public void Decode_TooFewPixels_SaysHowMany(int width, int height)
    {
        var message = Expect.Refused(RefusalReason.TooSmall, Decoder.Decode(PngEncoder.Encode(Samples.Uneven(width, height, 8))));

        Assert.Contains($"{width} x {height}", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(64, 641)]
    [InlineData(641, 64)]
    public void Decode_OneSideMoreThanTenTimesTheOther_IsNoFilm(int width, int height)
    {
        var message = Expect.Refused(RefusalReason.TooLong, Decoder.Decode(PngEncoder.Encode(Samples.Uneven(width, height, 8))));

        Assert.Contains($"{width} x {height}", message, StringComparison.Ordinal);
        Expect.Image(Decoder.Decode(PngEncoder.Encode(Samples.Uneven(Math.Min(width, 640), Math.Min(height, 640), 8))));
    }

    [Fact]
    public async Task Decode_WhileAsManyAreDecodedAsThereAreCores_WaitsAndCanBeLeft()
    {
        var film = PngEncoder.Encode(Samples.Uneven(64, 64, 8));
        var cores = Environment.ProcessorCount;
        for (var i = 0; i < cores; i++)
        {
            await ScanDecoder.Turns.WaitAsync(TestContext.Current.CancellationToken);
        }

        using var left = new CancellationTokenSource();
        var leaving = Task.Run(() => Decoder.Decode(film, left.Token), TestContext.Current.CancellationToken);
        var staying = Task.Run(() => Decoder.Decode(film), TestContext.Current.CancellationToken);
        Assert.False(leaving.IsCompleted || staying.IsCompleted);
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        Assert.False(staying.IsCompleted);

        ScanDecoder.Turns.Release(cores);

        Expect.Image(await staying);
        Assert.ThrowsAny<OperationCanceledException>(() => Decoder.Decode(film, left.Token));
    }

    [Fact]
    public void Decode_AtTheLimitsOfPixels_IsReadAndOneMoreIsNot()
    {
        var decoder = new ScanDecoder(new ImagingOptions { MaxMegapixels = 1 });

        Expect.Image(decoder.Decode(PngEncoder.Encode(Samples.Uneven(64, 64, 8))));
        Expect.Refused(RefusalReason.Blank, decoder.Decode(HandMadePng.Bomb(1000)));
        Expect.Refused(RefusalReason.TooManyPixels, decoder.Decode(HandMadePng.Bomb(1001)));
    }

    [Fact]
    public void Decode_FileAboveTheLimit_IsRefusedUnread()
    {
        var decoder = new ScanDecoder(new ImagingOptions { MaxFileMegabytes = 1 });

        Expect.Refused(RefusalReason.FileTooLarge, decoder.Decode(new byte[(1 << 20) + 1]));
        Expect.Refused(RefusalReason.NotAnImage, decoder.Decode(new byte[1 << 20]));
    }

    [Fact]
    public void Decode_AnimatedPng_SaysSeveralFrames()
    {
        // acTL: two frames, played once.
        var file = HandMadePng.Write(
            64, 64, 8, HandMadePng.Grey, HandMadePng.Deflate(Samples.Uneven(64, 64, 8).Bytes(), 64), ("acTL", [0, 0, 0, 2, 0, 0, 0, 1]));
        var still = HandMadePng.Write(
            64, 64, 8, HandMadePng.Grey, HandMadePng.Deflate(Samples.Uneven(64, 64, 8).Bytes(), 64), ("tEXt", "a\0acTL"u8.ToArray()));

        Expect.Refused(RefusalReason.SeveralFrames, Decoder.Decode(file));
        Expect.Image(Decoder.Decode(still));
    }

    [Fact]
    public void Decode_MultiPageTiff_SaysSeveralFrames() =>
        Expect.Refused(RefusalReason.SeveralFrames, Decoder.Decode(VipsFiles.Frames(64, i => i.TiffsaveBuffer())));

    [Fact]
    public void Decode_CmykJpeg_SaysUnsupported() =>
        Expect.Refused(RefusalReason.UnsupportedSamples, Decoder.Decode(VipsFiles.CmykJpeg(64)));

    [Fact]
    public void Decode_FilesOfPillowInOtherSamples_SayUnsupported()
    {
        foreach (var file in GoldenFile.Read("imaging.json").GetProperty("refused").EnumerateArray())
        {
            Expect.Refused(RefusalReason.UnsupportedSamples, Decoder.Decode(file.GetProperty("file").GetBytesFromBase64()));
        }
    }

    [Fact]
    public void Decode_SignedTiff_SaysUnsupported() =>
        Expect.Refused(
            RefusalReason.UnsupportedSamples,
            Decoder.Decode(HandMadeTiff.Write(64, 64, 16, HandMadeTiff.MinIsBlack, new byte[64 * 64 * 2], sampleFormat: 2)));

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Decode_OddNumberOfChannels_IsReadAsGreyWithAlphaOrSaysUnsupported(int channels)
    {
        var result = Decoder.Decode(
            HandMadeTiff.Write(64, 64, 8, HandMadeTiff.MinIsBlack, Samples.Uneven(64 * channels, 64, 8).Bytes(), channels));

        if (channels == 2 && result is DecodeResult.Decoded decoded)
        {
            Expect.WellFormed(decoded.Image);
        }
        else
        {
            Expect.Refused(RefusalReason.UnsupportedSamples, result);
        }
    }

    [Fact]
    public void Decode_TruncatedFile_SaysDamaged()
    {
        var image = Samples.Noise(200, 180, 8, 7);
        foreach (var file in new[]
        {
            PngEncoder.Encode(image), VipsFiles.Jpeg(image), VipsFiles.Jpeg(image, true), VipsFiles.Tiff(image),
            VipsFiles.Tiff(image, NetVips.Enums.ForeignTiffCompression.None)
        })
        {
            foreach (var share in new[] { 0.1, 0.5, 0.9, 0.99 })
            {
                Expect.Refused(RefusalReason.Damaged, Decoder.Decode(file[..(int)(file.Length * share)]));
            }
        }
    }

    [Fact]
    public void Decode_SignatureAlone_SaysDamaged()
    {
        Expect.Refused(RefusalReason.Damaged, Decoder.Decode([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]));
        Expect.Refused(RefusalReason.Damaged, Decoder.Decode([0xFF, 0xD8, 0xFF]));
        Expect.Refused(RefusalReason.Damaged, Decoder.Decode("II*\0"u8.ToArray()));
        Expect.Refused(RefusalReason.Damaged, Decoder.Decode("MM\0*"u8.ToArray()));
    }

    [Fact]
    public void Decode_DamagedFileWithAName_DoesNotQuoteIt()
    {
        var file = HandMadePng.Write(64, 64, 8, HandMadePng.Grey, [1, 2, 3], ("tEXt", "Title\0DOE^JANE"u8.ToArray()));

        Assert.DoesNotContain("DOE", Expect.Refused(RefusalReason.Damaged, Decoder.Decode(file)), StringComparison.Ordinal);
    }
}
