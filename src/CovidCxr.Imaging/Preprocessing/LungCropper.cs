using System.Numerics.Tensors;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Lungs;

namespace CovidCxr.Imaging.Preprocessing;

/// <summary>Cuts the square around the lungs out of a film and gives it the grey values of the lungs.</summary>
static class LungCropper
{
    // Fewer pixels of lung say nothing about their grey values.
    const int FewestPixels = 50;

    /// <returns>Height x Width values in 0..1, row-major; and the part of the film that they show, which may reach beyond the film: the
    /// film's edge is repeated there.</returns>
    public static (float[] Unit, FilmRegion Region) Crop(GreyImage image, PreprocessingPreset preset, LungCrop crop, LungMask lungs)
    {
        var region = Square(image, lungs.Bounds() ?? FilmRegion.Whole, crop.Margin);
        var unit = Cut(image, region, preset.Width, preset.Height);
        var inside = Preprocessor.Follow(lungs, region, preset.Width, preset.Height);
        var values = unit.Where((_, i) => inside[i] >= LungMask.Lung).ToArray();
        Standardise(unit, values.Length >= FewestPixels ? values : unit, crop.Spread);
        return (unit, region);
    }

    // In the film's own pixels a square, moved into the film where it is smaller than that.
    static FilmRegion Square(GreyImage image, FilmRegion bounds, double margin)
    {
        double width = bounds.Width * image.Width, height = bounds.Height * image.Height;
        var side = Math.Max(width, height) * (1 + (2 * margin));
        var left = Inside(((bounds.Left + (bounds.Width / 2)) * image.Width) - (side / 2), side, image.Width);
        var top = Inside(((bounds.Top + (bounds.Height / 2)) * image.Height) - (side / 2), side, image.Height);
        return new(left / image.Width, top / image.Height, side / image.Width, side / image.Height);
    }

    static double Inside(double start, double side, int length) =>
        side <= length ? Math.Clamp(start, 0, length - side) : (length - side) / 2;

    static float[] Cut(GreyImage image, FilmRegion region, int width, int height)
    {
        var (left, right) = Whole(region.Left, region.Width, image.Width);
        var (top, bottom) = Whole(region.Top, region.Height, image.Height);
        return Resizer.Resize(
            (row, line) =>
            {
                var start = Math.Clamp(top + row, 0, image.Height - 1) * image.Width;
                for (var i = 0; i < line.Length; i++)
                {
                    line[i] = image.Samples[start + Math.Clamp(left + i, 0, image.Width - 1)] / (float)image.MaxSample;
                }
            },
            right - left, bottom - top, width, height);
    }

    static (int Start, int End) Whole(double start, double length, int pixels)
    {
        var first = (int)Math.Floor(start * pixels);
        return (first, Math.Max(first + 1, (int)Math.Ceiling((start + length) * pixels)));
    }

    static void Standardise(float[] unit, float[] values, double spread)
    {
        var mean = TensorPrimitives.Average(values);
        var deviation = TensorPrimitives.StdDev(values);
        // Of a flat film only rounding differs.
        var scale = deviation > 1e-4f ? (float)(1 / (spread * deviation)) : 0;
        TensorPrimitives.Subtract(unit, mean, unit);
        TensorPrimitives.Multiply(unit, scale, unit);
        TensorPrimitives.Add(unit, 0.5f, unit);
        TensorPrimitives.Clamp(unit, 0f, 1f, unit);
    }
}
