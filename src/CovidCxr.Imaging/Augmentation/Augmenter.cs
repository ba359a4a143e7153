using System.Numerics.Tensors;
using CovidCxr.Imaging.Preprocessing;

namespace CovidCxr.Imaging.Augmentation;

/// <summary>
/// Applies a plan to a unit image (values 0..1, row-major). All geometry is one bilinear resampling. What falls outside repeats the nearest
/// edge: black corners would be a mark that no film has.
/// </summary>
public static class Augmenter
{
    /// <param name="source">height x width values.</param>
    /// <param name="destination">height x width values, another buffer than <paramref name="source"/>.</param>
    public static void Apply(ReadOnlySpan<float> source, int width, int height, AugmentationPlan plan, Span<float> destination)
    {
        Warp(source, width, height, InverseMap(plan), destination);
        if (plan.Coarseness > 1)
        {
            Coarsen(destination, width, height, plan.Coarseness);
        }

        if (plan.Blurs)
        {
            Blur(destination, width, height);
        }

        if (plan.Contrast != 1 || plan.Brightness != 1)
        {
            Light(destination, (float)plan.Contrast, (float)plan.Brightness);
        }

        if (plan.Gamma != 1)
        {
            TensorPrimitives.Pow(destination, (float)plan.Gamma, destination);
        }

        if (plan.Noise > 0)
        {
            AddNoise(destination, plan);
        }
    }

    // From a place in the result, -1..1 on each axis, to its place in the source.
    static Homography InverseMap(AugmentationPlan plan)
    {
        var shift = plan.CornerShifts;
        var warp = Homography.FromSquare([
            (-1 + (2 * shift[0]), -1 + (2 * shift[1])), (1 + (2 * shift[2]), -1 + (2 * shift[3])),
            (1 + (2 * shift[4]), 1 + (2 * shift[5])), (-1 + (2 * shift[6]), 1 + (2 * shift[7]))]);
        return warp.After(Homography.Similarity(plan.Rotation, 1 / plan.Zoom, plan.Flips));
    }

    static void Warp(ReadOnlySpan<float> source, int width, int height, Homography map, Span<float> destination)
    {
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var (u, v) = map.Map((((2 * x) + 1.0) / width) - 1, (((2 * y) + 1.0) / height) - 1);
                destination[(y * width) + x] = Sample(source, width, height, ((u + 1) * width / 2) - 0.5, ((v + 1) * height / 2) - 0.5);
            }
        }
    }

    static float Sample(ReadOnlySpan<float> source, int width, int height, double x, double y)
    {
        (x, y) = (Math.Clamp(x, 0, width - 1), Math.Clamp(y, 0, height - 1));
        int left = Math.Min((int)x, width - 2), top = Math.Min((int)y, height - 2);
        float fx = (float)(x - left), fy = (float)(y - top);
        var at = (top * width) + left;
        var upper = source[at] + (fx * (source[at + 1] - source[at]));
        var lower = source[at + width] + (fx * (source[at + width + 1] - source[at + width]));
        return upper + (fy * (lower - upper));
    }

    // Gaussian kernel of 3: (1, 2, 1) / 4 along each axis, edges repeated.
    static void Blur(Span<float> image, int width, int height)
    {
        for (var y = 0; y < height; y++)
        {
            BlurLine(image, y * width, 1, width);
        }

        for (var x = 0; x < width; x++)
        {
            BlurLine(image, x, width, height);
        }
    }

    static void BlurLine(Span<float> image, int start, int step, int count)
    {
        var previous = image[start];
        for (var i = 0; i < count; i++)
        {
            var at = start + (i * step);
            var current = image[at];
            var next = i + 1 < count ? image[at + step] : current;
            image[at] = (previous + (2 * current) + next) / 4;
            previous = current;
        }
    }

    static void Coarsen(Span<float> image, int width, int height, double factor)
    {
        int fewer = Math.Max(1, (int)(width / factor)), lower = Math.Max(1, (int)(height / factor));
        var small = Resizer.Resize(image.ToArray(), width, height, fewer, lower);
        Resizer.Resize(small, fewer, lower, width, height).CopyTo(image);
    }

    static void AddNoise(Span<float> image, AugmentationPlan plan)
    {
        var random = new SplitMix64(plan.NoiseSeed);
        for (var i = 0; i < image.Length; i++)
        {
            image[i] = Math.Clamp(image[i] + (float)(plan.Noise * random.Normal()), 0f, 1f);
        }
    }

    static void Light(Span<float> image, float contrast, float brightness)
    {
        for (var i = 0; i < image.Length; i++)
        {
            image[i] = Math.Clamp((((image[i] - 0.5f) * contrast) + 0.5f) * brightness, 0f, 1f);
        }
    }
}
