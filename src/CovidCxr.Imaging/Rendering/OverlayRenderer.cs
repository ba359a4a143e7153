using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Preprocessing;

namespace CovidCxr.Imaging.Rendering;

/// <summary>A heat map over its X-ray, as a picture for reports and the command line.</summary>
public static class OverlayRenderer
{
    /// <inheritdoc cref="Render"/>
    /// <returns>An 8-bit RGB PNG of the X-ray's size.</returns>
    public static byte[] RenderPng(GreyImage image, float[] map, int mapWidth, int mapHeight, float opacity) => PngEncoder.EncodeRgb(
        Render(image, image.Width, image.Height, map, mapWidth, mapHeight, opacity), image.Width, image.Height);

    /// <param name="image">The X-ray, shown over its 0.5 to 99.5 percentile.</param>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="map">mapHeight x mapWidth values in 0..1; upsampled bilinearly, edges not aligned to corners (Adedigba et al. 2021,
    /// section 5.2).</param>
    /// <param name="mapWidth">Columns of the map.</param>
    /// <param name="mapHeight">Rows of the map.</param>
    /// <param name="opacity">0..1 where the map is 1; it falls with the map, so that what the network ignored stays plain.</param>
    /// <returns>height x width x 3 bytes of red, green and blue.</returns>
    public static byte[] Render(GreyImage image, int width, int height, float[] map, int mapWidth, int mapHeight, float opacity)
    {
        var window = PreprocessingPreset.Square(32) with { Width = width, Height = height };
        var grey = Preprocessor.ToUnit(image, window);
        var heat = Resizer.Resize(map, mapWidth, mapHeight, width, height);
        var pixels = new byte[3 * grey.Length];
        for (var i = 0; i < grey.Length; i++)
        {
            var (red, green, blue) = Inferno.At(heat[i]);
            var weight = opacity * Math.Clamp(heat[i], 0f, 1f);
            pixels[3 * i] = Blend(grey[i], red, weight);
            pixels[(3 * i) + 1] = Blend(grey[i], green, weight);
            pixels[(3 * i) + 2] = Blend(grey[i], blue, weight);
        }

        return pixels;
    }

    static byte Blend(float grey, byte colour, float weight) => (byte)Math.Round((grey * 255 * (1 - weight)) + (colour * weight));
}
