using System.Runtime.InteropServices;
using CovidCxr.Imaging.Decoding;
using NetVips;

namespace CovidCxr.Imaging.Rendering;

/// <summary>Lossless PNG of grey samples (8 or 16 bit) or of 8-bit RGB, and nothing else in the file.</summary>
public static class PngEncoder
{
    public static byte[] Encode(GreyImage image)
    {
        VipsLibrary.EnsureReady();
        var isWide = image.BitsStored == 16;
        var bytes = isWide ? MemoryMarshal.AsBytes<ushort>(image.Samples).ToArray() : Array.ConvertAll(image.Samples, s => (byte)s);
        using var raw = Image.NewFromMemory(bytes, image.Width, image.Height, 1, isWide ? Enums.BandFormat.Ushort : Enums.BandFormat.Uchar);
        using var grey = raw.Copy(interpretation: isWide ? Enums.Interpretation.Grey16 : Enums.Interpretation.Bw);
        return grey.PngsaveBuffer(keep: Enums.ForeignKeep.None);
    }

    /// <param name="pixels">Height x width x 3 bytes, row-major.</param>
    public static byte[] EncodeRgb(byte[] pixels, int width, int height)
    {
        VipsLibrary.EnsureReady();
        using var raw = Image.NewFromMemory(pixels, width, height, 3, Enums.BandFormat.Uchar);
        using var colour = raw.Copy(interpretation: Enums.Interpretation.Srgb);
        return colour.PngsaveBuffer(keep: Enums.ForeignKeep.None);
    }
}
