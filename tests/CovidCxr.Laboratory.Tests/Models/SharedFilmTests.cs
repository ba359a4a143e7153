using CovidCxr.Imaging.Decoding;
using CovidCxr.Testing;

namespace CovidCxr.Laboratory.Tests.Models;

/// <summary>Files that were once read as a picture with a black part, where they lie beside the repository.</summary>
public sealed class SharedFilmTests
{
    [Theory]
    [InlineData("blank-image/argb-alpha-zero.png")]
    [InlineData("jpeg-damaged-middle/whole.jpg")]
    [InlineData("tiff-12bit-and-bigtiff-words/bigtiff.tif")]
    [InlineData("tiff-12bit-and-bigtiff-words/with-thumbnail.tif")]
    [InlineData("tiff-truncated-ifd-first/whole.tif")]
    [InlineData("tiff-truncated-ifd-first/whole-tiled.tif")]
    [InlineData("tiff-truncated-ifd-first/other-whole.tif")]
    public void Decode_WholeFilm_IsRead(string file) => Assert.IsType<DecodeResult.Decoded>(Decode(file));

    [Theory]
    [InlineData("blank-image/constant16.png", RefusalReason.Blank)]
    [InlineData("jpeg-damaged-middle/damaged.jpg", RefusalReason.Damaged)]
    [InlineData("jpeg-scan-bomb/bomb-1000.jpg", RefusalReason.TooManyScans)]
    [InlineData("tiff-12bit-and-bigtiff-words/grey12.tif", RefusalReason.UnsupportedSamples)]
    [InlineData("tiff-codec-not-built/zstd.tif", RefusalReason.UnsupportedSamples)]
    [InlineData("tiff-truncated-ifd-first/cut-two-thirds.tif", RefusalReason.Damaged)]
    [InlineData("tiff-truncated-ifd-first/other-cut.tif", RefusalReason.Damaged)]
    public void Decode_FilmThatCannotBeRead_SaysWhy(string file, RefusalReason reason) =>
        Assert.Equal(reason, Assert.IsType<DecodeResult.Refused>(Decode(file)).Reason);

    [Theory]
    [InlineData(2, "tiff-truncated-ifd-first/whole.tif")]
    [InlineData(3, "tiff-truncated-ifd-first/whole-tiled.tif")]
    [InlineData(2, "jpeg-damaged-middle/whole.jpg")]
    public void Decode_FilmCutAnywhere_IsRefused(int parts, string file)
    {
        var bytes = File.ReadAllBytes(Path.Combine(CasesOrSkip(), file));
        foreach (var part in Enumerable.Range(1, parts))
        {
            Assert.IsType<DecodeResult.Refused>(new ScanDecoder(new ImagingOptions()).Decode(
                bytes[..(bytes.Length * part / (parts + 1))], TestContext.Current.CancellationToken));
        }
    }

    static DecodeResult Decode(string file) =>
        new ScanDecoder(new ImagingOptions()).Decode(File.ReadAllBytes(Path.Combine(CasesOrSkip(), file)));

    static string CasesOrSkip()
    {
        var cases = SharedData.Cases();
        Assert.SkipUnless(cases is not null, "The files that importers failed on are not on this machine.");
        return cases!;
    }
}
