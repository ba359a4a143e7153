using System.Text;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Imaging.Tests.Inputs;

namespace CovidCxr.Imaging.Tests.Decoding;

/// <summary>What is taken out of a film's file, and that its pixels stay.</summary>
public class FilmMetadataTests
{
    const string Name = "Doe^Jane";

    static readonly ScanDecoder Decoder = new(new ImagingOptions { MinSidePixels = 1 });
    static readonly GreyImage Film = Samples.Uneven(90, 70, 8);

    public static TheoryData<ScanFormat> Formats => [ScanFormat.Png, ScanFormat.Jpeg, ScanFormat.Tiff];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Without_FileThatNamesSomebody_HasThePixelsAndNotTheName(ScanFormat format)
    {
        var file = VipsFiles.Named(Film, format, Name);
        Assert.Contains(Name, Encoding.Latin1.GetString(file), StringComparison.Ordinal);

        var without = FilmMetadata.Without(file, format)!;

        Assert.DoesNotContain(Name, Encoding.Latin1.GetString(without), StringComparison.Ordinal);
        Assert.Equal(Pixels(file), Pixels(without));
        Assert.Null(FilmMetadata.Without(without, format));
    }

    [Theory]
    [InlineData("tEXt")]
    [InlineData("zTXt")]
    [InlineData("iTXt")]
    [InlineData("eXIf")]
    [InlineData("prVt")]
    public void Without_PngChunkOfWords_IsLeftOut(string chunk)
    {
        var data = HandMadePng.Deflate(Film.Bytes(), 90);
        var plain = HandMadePng.Write(90, 70, 8, HandMadePng.Grey, data);
        var named = HandMadePng.Write(90, 70, 8, HandMadePng.Grey, data, (chunk, Encoding.ASCII.GetBytes($"Comment\0{Name}")));

        Assert.Equal(plain, FilmMetadata.Without(named, ScanFormat.Png));
        Assert.Equal(plain, FilmMetadata.Without([.. plain, .. Encoding.ASCII.GetBytes(Name)], ScanFormat.Png));
        Assert.Null(FilmMetadata.Without(plain, ScanFormat.Png));
    }

    [Fact]
    public void Without_FileOfNoWords_IsNull()
    {
        Assert.Null(FilmMetadata.Without(PngEncoder.Encode(Film), ScanFormat.Png));
        Assert.Null(FilmMetadata.Without(HandMadeTiff.Write(90, 70, 8, HandMadeTiff.MinIsBlack, Film.Bytes()), ScanFormat.Tiff));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Without_DamagedFile_NeverThrows(ScanFormat format)
    {
        var file = VipsFiles.Named(Film, format, Name);
        for (var round = 0; round < 2000; round++)
        {
            var random = new SplitMix64(round);
            byte[] bytes = [.. file];
            for (var i = 1 + random.Below(12); i > 0; i--)
            {
                bytes[random.Below(bytes.Length)] ^= (byte)(1 << random.Below(8));
            }

            // Half of them cut as well.
            _ = FilmMetadata.Without(bytes[..Math.Min(bytes.Length, 16 + random.Below(2 * bytes.Length))], format);
        }
    }

    static string Pixels(byte[] file) => Assert.IsType<DecodeResult.Decoded>(Decoder.Decode(file)).Image.PixelHash();
}
