using CovidCxr.Learning.Data;

namespace CovidCxr.Learning.Evaluation;

/// <summary>Covers a part of what a network is shown. What it still tells apart then, it reads from the rest.</summary>
public static class CoveredFilms
{
    /// <summary>The middle that is covered, and the border that alone is shown: shares of a side.</summary>
    public const double Middle = 2.0 / 3, Border = 0.1;

    /// <summary>The same without its middle, where lungs are.</summary>
    public static Sample WithoutCentre(Sample sample, int width, int height) =>
        Cover(sample, width, height, (x, y) => Math.Abs(x - 0.5) <= Middle / 2 && Math.Abs(y - 0.5) <= Middle / 2);

    /// <summary>Its border alone, where markers, letters and collimation are.</summary>
    public static Sample BorderOnly(Sample sample, int width, int height) =>
        Cover(sample, width, height, (x, y) => Math.Min(Math.Min(x, 1 - x), Math.Min(y, 1 - y)) >= Border);

    // Places from 0 to 1 in what the network is shown.
    static Sample Cover(Sample sample, int width, int height, Func<double, double, bool> isCovered)
    {
        var pixels = sample.Image.Pixels.ToArray();
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = isCovered((i % width + 0.5) / width, (i / width + 0.5) / height) ? (byte)0 : pixels[i];
        }

        return sample with { Image = sample.Image with { Pixels = new(pixels) } };
    }
}
