using System.Numerics.Tensors;

namespace CovidCxr.Imaging.Preprocessing;

/// <summary>
/// Separable resampling with a triangle filter that widens when shrinking: the "bilinear, antialias" of Pillow and torchvision.
/// </summary>
public static class Resizer
{
    /// <param name="source">height x width values, row-major.</param>
    /// <returns>toHeight x toWidth values, row-major.</returns>
    public static float[] Resize(float[] source, int width, int height, int toWidth, int toHeight) =>
        Resize((row, line) => source.AsSpan(row * width, width).CopyTo(line), width, height, toWidth, toHeight);

    /// <param name="read">Writes a row of the source, which so never needs to be in memory as a whole; called once for each, from the
    /// top.</param>
    /// <returns>toHeight x toWidth values, row-major.</returns>
    internal static float[] Resize(Action<int, Span<float>> read, int width, int height, int toWidth, int toHeight)
    {
        var columns = Weights(width, toWidth);
        var rows = Weights(height, toHeight);
        var narrow = new float[toWidth * height];
        var line = new float[width];
        for (var y = 0; y < height; y++)
        {
            read(y, line);
            for (var x = 0; x < toWidth; x++)
            {
                narrow[(y * toWidth) + x] = TensorPrimitives.Dot(line.AsSpan(columns[x].Start, columns[x].Taps.Length), columns[x].Taps);
            }
        }

        var result = new float[toWidth * toHeight];
        for (var y = 0; y < toHeight; y++)
        {
            var sum = result.AsSpan(y * toWidth, toWidth);
            for (var tap = 0; tap < rows[y].Taps.Length; tap++)
            {
                TensorPrimitives.MultiplyAdd(narrow.AsSpan((rows[y].Start + tap) * toWidth, toWidth), rows[y].Taps[tap], sum, sum);
            }
        }

        return result;
    }

    static (int Start, float[] Taps)[] Weights(int from, int to)
    {
        var scale = (double)from / to;
        var support = Math.Max(scale, 1);
        var weights = new (int, float[])[to];
        for (var i = 0; i < to; i++)
        {
            var centre = (i + 0.5) * scale;
            var start = Math.Max(0, (int)(centre - support + 0.5));
            var end = Math.Min(from, (int)(centre + support + 0.5));
            var taps = new double[end - start];
            for (var j = start; j < end; j++)
            {
                taps[j - start] = Math.Max(0, 1 - Math.Abs((j + 0.5 - centre) / support));
            }

            var sum = taps.Sum();
            weights[i] = (start, Array.ConvertAll(taps, t => (float)(t / sum)));
        }

        return weights;
    }
}
