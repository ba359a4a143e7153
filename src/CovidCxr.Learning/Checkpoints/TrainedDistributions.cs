using CovidCxr.Learning.Data;
using CovidCxr.Statistics.Drift;

namespace CovidCxr.Learning.Checkpoints;

/// <summary>
/// What a model was trained on and what it said, as counts: later images and scores are compared with them. No image and no patient can be
/// made of them.
/// </summary>
/// <param name="Scores">Of the positive class on the validation part, which no weight has seen: 0..1 in hundredths.</param>
/// <param name="Widths">Of the training images, in pixels, in steps of 64; likewise Heights.</param>
/// <param name="Means">Of the training images' windowed intensity, 0..1 in hundredths.</param>
/// <param name="Deviations">Of the same, 0..0.5 in hundredths.</param>
public sealed record TrainedDistributions(Histogram Scores, Histogram Widths, Histogram Heights, Histogram Means, Histogram Deviations)
{
    const int MostBins = 1000, MostPixels = 8192, PixelStep = 64;

    public static TrainedDistributions Of(IReadOnlyCollection<double> scores, IReadOnlyCollection<PreparedImage> images) => new(
        Histogram.Of([.. scores], 0, 1, 100), Sides(images.Select(i => i.Width)), Sides(images.Select(i => i.Height)),
        Histogram.Of([.. images.Select(i => i.Statistics.Mean)], 0, 1, 100),
        Histogram.Of([.. images.Select(i => i.Statistics.Deviation)], 0, 0.5, 50));

    /// <summary>Whether a file's own can be used: it may have been written by anybody.</summary>
    internal bool IsSound => new[] { Scores, Widths, Heights, Means, Deviations }.All(h =>
        double.IsFinite(h.Low) && double.IsFinite(h.High) && h.High > h.Low && h.Counts.Count is > 0 and <= MostBins
            && h.Counts.All(c => c >= 0) && h.Counts.Sum(c => (long)c) < 10_000_000);

    static Histogram Sides(IEnumerable<int> pixels) =>
        Histogram.Of([.. pixels.Select(p => (double)p)], 0, MostPixels, MostPixels / PixelStep);
}
