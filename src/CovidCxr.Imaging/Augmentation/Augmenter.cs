namespace CovidCxr.Imaging.Augmentation;

/// <summary>
/// Applies a plan to a unit image (values 0..1, row-major). All geometry is one bilinear resampling; what falls outside is black.
/// </summary>
public static class Augmenter
{
    /// <param name="source">height x width values.</param>
    /// <param name="destination">height x width values, another buffer than <paramref name="source"/>.</param>
    public static void Apply(ReadOnlySpan<float> source, int width, int height, AugmentationPlan plan, Span<float> destination)
    {
        Warp(source, width, height, InverseMap(plan), destination);
        if (plan.Blurs)
        {
            Blur(destination, width, height);
        }

        if (plan.Contrast != 1 || plan.Brightness != 1)
        {
            Light(destination, (float)plan.Contrast, (float)plan.Brightness);
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
        if (!(x > -1 && y > -1 && x < width && y < height))
        {
            return 0;
        }

        int left = (int)Math.Floor(x), top = (int)Math.Floor(y);
        float fx = (float)(x - left), fy = (float)(y - top);
        if (left >= 0 && top >= 0 && left < width - 1 && top < height - 1)
        {
            var at = (top * width) + left;
            var upper = source[at] + (fx * (source[at + 1] - source[at]));
            var lower = source[at + width] + (fx * (source[at + width + 1] - source[at + width]));
            return upper + (fy * (lower - upper));
        }

        int x0 = Math.Max(left, 0), x1 = Math.Min(left + 1, width - 1), y0 = Math.Max(top, 0), y1 = Math.Min(top + 1, height - 1);
        var first = source[(y0 * width) + x0] + (fx * (source[(y0 * width) + x1] - source[(y0 * width) + x0]));
        var second = source[(y1 * width) + x0] + (fx * (source[(y1 * width) + x1] - source[(y1 * width) + x0]));
        return first + (fy * (second - first));
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

    static void Light(Span<float> image, float contrast, float brightness)
    {
        for (var i = 0; i < image.Length; i++)
        {
            image[i] = Math.Clamp((((image[i] - 0.5f) * contrast) + 0.5f) * brightness, 0f, 1f);
        }
    }
}
