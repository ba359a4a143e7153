using CovidCxr.Imaging.Decoding;

namespace CovidCxr.Imaging.Preprocessing;

/// <summary>
/// How bright and how varied an X-ray is once windowed as a network sees it, each 0..1: 12 bits in a 16-bit file and the same film in 8
/// bits give the same. Two numbers tell nothing of a patient, and enough of a new device or another way of exporting.
/// </summary>
/// <param name="Mean">Of all samples.</param>
/// <param name="Deviation">The standard deviation, of the samples as the whole population.</param>
public readonly record struct ImageStatistics(double Mean, double Deviation)
{
    public static ImageStatistics Of(GreyImage image)
    {
        var preset = PreprocessingPreset.Square(32);
        var histogram = Preprocessor.Histogram(image);
        var (low, high) = Preprocessor.Window(histogram, image.Samples.Length, preset.LowPercentile, preset.HighPercentile);
        double sum = 0, squares = 0;
        for (var value = 0; value < histogram.Length; value++)
        {
            var unit = high > low ? Math.Clamp((double)(value - low) / (high - low), 0, 1) : 0;
            sum += histogram[value] * unit;
            squares += histogram[value] * unit * unit;
        }

        var mean = sum / image.Samples.Length;
        return new(mean, Math.Sqrt(Math.Max(0, (squares / image.Samples.Length) - (mean * mean))));
    }
}
