using CovidCxr.Imaging.Decoding;
using NetVips;

namespace CovidCxr.Imaging.Tests.Inputs;

/// <summary>Files as libvips writes them.</summary>
static class VipsFiles
{
    /// <param name="restart">Units between restart markers; 0 for none.</param>
    public static byte[] Jpeg(GreyImage image, bool isProgressive = false, int restart = 0) =>
        From(image, i => i.JpegsaveBuffer(q: 95, interlace: isProgressive, restartInterval: restart));

    /// <summary>Three channels alike, the colours at half the resolution.</summary>
    public static byte[] ColourJpeg(GreyImage image, int restart = 0) => From(image, i =>
    {
        using var colour = i.Colourspace(Enums.Interpretation.Srgb);
        return colour.JpegsaveBuffer(q: 90, restartInterval: restart, subsampleMode: Enums.ForeignSubsample.On);
    });

    public static byte[] Tiff(
        GreyImage image, Enums.ForeignTiffCompression compression = Enums.ForeignTiffCompression.Deflate, bool isInverted = false,
        bool isTiled = false) =>
        From(image, i => i.TiffsaveBuffer(compression: compression, miniswhite: isInverted, tile: isTiled));

    public static byte[] InterlacedPng(GreyImage image) => From(image, i => i.PngsaveBuffer(interlace: true));

    public static byte[] CmykJpeg(int side)
    {
        using var one = Image.Black(side, side, bands: 4);
        using var cmyk = one.Copy(interpretation: Enums.Interpretation.Cmyk);
        return cmyk.JpegsaveBuffer();
    }

    /// <summary>Three frames or pages, one below the other.</summary>
    public static byte[] Frames(int side, Func<Image, byte[]> save)
    {
        using var noise = Image.Gaussnoise(side, 3 * side, seed: 1);
        using var grey = noise.Cast(Enums.BandFormat.Uchar);
        using var tall = grey.Copy(interpretation: Enums.Interpretation.Bw);
        using var paged = tall.Mutate(m => m.Set(GValue.GIntType, "page-height", side));
        return save(paged);
    }

    /// <summary>With a name in its comments, its EXIF and its XMP, as far as the format has them.</summary>
    public static byte[] Named(GreyImage image, ScanFormat format, string name) => From(image, i =>
    {
        using var named = i.Mutate(m =>
        {
            m.Set(GValue.GStrType, "png-comment-0-Description", name);
            m.Set(GValue.GStrType, "exif-ifd0-ImageDescription", $"{name} ({name}, ASCII, 8 components, 8 bytes)");
            m.Set(GValue.GStrType, "image-description", name);
            m.Set(GValue.BlobType, "xmp-data", System.Text.Encoding.ASCII.GetBytes($"<x:xmpmeta>{name}</x:xmpmeta>"));
        });
        return format switch
        {
            ScanFormat.Png => named.PngsaveBuffer(),
            ScanFormat.Jpeg => named.JpegsaveBuffer(),
            _ => named.TiffsaveBuffer(),
        };
    });

    static byte[] From(GreyImage image, Func<Image, byte[]> save)
    {
        var isWide = image.BitsStored == 16;
        using var raw = Image.NewFromMemory(
            isWide ? image.WideBytes() : image.Bytes(), image.Width, image.Height, 1,
            isWide ? Enums.BandFormat.Ushort : Enums.BandFormat.Uchar);
        using var grey = raw.Copy(interpretation: isWide ? Enums.Interpretation.Grey16 : Enums.Interpretation.Bw);
        return save(grey);
    }
}
