using System.Numerics.Tensors;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Lungs;

namespace CovidCxr.Imaging.Preprocessing;

/// <summary>Pixels to network input, in two steps of which training augments between: unit image, then normalised channels.</summary>
public static class Preprocessor
{
    /// <summary>
    /// What a network of this preset is shown of a film, and which part of the film that is: in training, in evaluation and at work the
    /// same, so that a figure or a threshold is of what will be shown.
    /// </summary>
    /// <param name="lungs">Finds them; needed where the preset asks for lungs.</param>
    /// <returns>Height x Width values in 0..1, row-major, in steps of 1/255 as training keeps them. A film without lungs is shown
    /// whole.</returns>
    /// <exception cref="ArgumentNullException">The preset asks for lungs and nothing finds them.</exception>
    public static (float[] Unit, FilmRegion Region) Prepare(GreyImage image, PreprocessingPreset preset, LungSegmentation? lungs)
    {
        if (preset.Lungs is null)
        {
            return (InSteps(ToUnit(image, preset)), FilmRegion.Whole);
        }

        ArgumentNullException.ThrowIfNull(lungs);
        var (unit, region) = LungCropper.Crop(image, preset, preset.Lungs, lungs(image));
        return (InSteps(unit), region);
    }

    /// <summary>0..1 to 0..255, rounded.</summary>
    public static byte ToByte(float unit) => (byte)((unit * 255) + 0.5f);

    static float[] InSteps(float[] unit) => Array.ConvertAll(unit, v => ToByte(v) / 255f);

    /// <summary>A mask of a film as a network sees the film: height x width shares of lung, row-major.</summary>
    /// <param name="region">The part of the film that the network is shown.</param>
    public static float[] Follow(LungMask mask, FilmRegion region, int width, int height)
    {
        var result = new float[width * height];
        for (var i = 0; i < result.Length; i++)
        {
            var (y, x) = Math.DivRem(i, width);
            result[i] = mask.At(
                region.Left + ((x + 0.5) / width * region.Width), region.Top + ((y + 0.5) / height * region.Height));
        }

        return result;
    }

    /// <summary>Windowed by percentiles and resized: Height x Width values in 0..1, row-major.</summary>
    public static float[] ToUnit(GreyImage image, PreprocessingPreset preset)
    {
        var (low, high) = Window(Histogram(image), image.Samples.Length, preset.LowPercentile, preset.HighPercentile);
        var scale = high > low ? 1f / (high - low) : 0f;
        return Resizer.Resize(
            (row, line) => Window(image.Samples.AsSpan(row * image.Width, image.Width), low, scale, line), image.Width, image.Height,
            preset.Width, preset.Height);
    }

    /// <summary>A unit image as a picture of 8 bits, rounded.</summary>
    /// <param name="unit">height x width values in 0..1, row-major.</param>
    public static GreyImage FromUnit(float[] unit, int width, int height) =>
        new(width, height, 8, Array.ConvertAll(unit, v => (ushort)ToByte(v)));

    /// <summary>
    /// Repeats a unit image to three channels and normalises each: (3, Height, Width), row-major, into <paramref name="destination"/>.
    /// </summary>
    public static void Normalise(ReadOnlySpan<float> unit, PreprocessingPreset preset, Span<float> destination)
    {
        for (var channel = 0; channel < 3; channel++)
        {
            var plane = destination.Slice(channel * unit.Length, unit.Length);
            TensorPrimitives.Subtract(unit, preset.Mean[channel], plane);
            TensorPrimitives.Divide(plane, preset.Deviation[channel], plane);
        }
    }

    /// <summary>(3, Height, Width) float32, row-major: what a network of this preset takes, of what <see cref="Prepare"/> shows.</summary>
    public static float[] ToTensor(float[] unit, PreprocessingPreset preset)
    {
        var tensor = new float[3 * unit.Length];
        Normalise(unit, preset, tensor);
        return tensor;
    }

    internal static int[] Histogram(GreyImage image)
    {
        var histogram = new int[image.MaxSample + 1];
        foreach (var sample in image.Samples)
        {
            histogram[sample]++;
        }

        return histogram;
    }

    /// <summary>The sample values at two percentiles (nearest rank), from a histogram.</summary>
    internal static (int Low, int High) Window(int[] histogram, int samples, double lowPercentile, double highPercentile) =>
        (AtRank(histogram, lowPercentile / 100 * samples), AtRank(histogram, highPercentile / 100 * samples));

    static void Window(ReadOnlySpan<ushort> samples, int low, float scale, Span<float> line)
    {
        for (var i = 0; i < line.Length; i++)
        {
            line[i] = (samples[i] - low) * scale;
        }

        TensorPrimitives.Clamp(line, 0f, 1f, line);
    }

    static int AtRank(int[] histogram, double rank)
    {
        long seen = 0;
        for (var value = 0; value < histogram.Length; value++)
        {
            seen += histogram[value];
            if (seen >= rank && seen > 0)
            {
                return value;
            }
        }

        return histogram.Length - 1;
    }
}
