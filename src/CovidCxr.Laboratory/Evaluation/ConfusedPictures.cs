using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Learning.Evaluation;

namespace CovidCxr.Laboratory.Evaluation;

/// <summary>
/// The most confused images as the model saw them, its heat map over each: patients' images, for a folder that is nobody's to browse.
/// </summary>
static class ConfusedPictures
{
    const float Opacity = 0.6f;

    /// <summary>Of the image at this place in the report, from 0.</summary>
    public static string Place(string folder, int index) => Path.Combine(folder, FormattableString.Invariant($"confused-{index}.png"));

    /// <exception cref="IOException">The disk is full.</exception>
    public static void Write(string folder, IReadOnlyList<ConfusedImage> images)
    {
        for (var i = 0; i < images.Count; i++)
        {
            if (images[i] is { Pixels: { } pixels, HeatMap: { } map })
            {
                var side = (int)Math.Sqrt(pixels.Length);
                var image = new GreyImage(side, pixels.Length / side, 8, Array.ConvertAll(pixels.ToArray(), p => (ushort)p));
                File.WriteAllBytes(Place(folder, i), OverlayRenderer.RenderPng(image, map.Values, map.Width, map.Height, Opacity));
            }
        }
    }
}
