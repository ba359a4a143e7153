namespace CovidCxr.Imaging.Preprocessing;

/// <summary>
/// How pixels become a network's input. Stored with a model; training and inference use the same one. The whole image, or what
/// <see cref="Lungs"/> says of it, is resized to Width x Height, so a heat map maps back to the X-ray linearly.
/// </summary>
/// <param name="Width">Pixels, 32 to 2048.</param>
/// <param name="Height">Pixels, 32 to 2048.</param>
/// <param name="LowPercentile">The percentile of samples that becomes 0, 0 to 50.</param>
/// <param name="HighPercentile">The percentile of samples that becomes 1, 50 to 100. The window makes 12 bits in a 16-bit file and
/// full-range 8 bits alike.</param>
/// <param name="Mean">Per channel, subtracted from values in 0..1.</param>
/// <param name="Deviation">Per channel, the divisor.</param>
public sealed record PreprocessingPreset(
    int Width, int Height, double LowPercentile, double HighPercentile, IReadOnlyList<float> Mean, IReadOnlyList<float> Deviation)
{
    /// <summary>Null for the whole image, stretched, in its own grey values.</summary>
    public LungCrop? Lungs { get; init; }

    /// <summary>ImageNet's mean and deviation, as torchvision's published weights expect.</summary>
    public static PreprocessingPreset Square(int side) =>
        new(side, side, 0.5, 99.5, [0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]);

    /// <exception cref="ArgumentException">A value is out of range; the message names it.</exception>
    public void Validate()
    {
        Check(Width is >= 32 and <= 2048 && Height is >= 32 and <= 2048, "the size must be 32 to 2048 pixels");
        Check(
            LowPercentile is >= 0 and <= 50 && HighPercentile is >= 50 and <= 100 && LowPercentile < HighPercentile,
            "the percentiles must be 0 to 50 and 50 to 100");
        Check(Mean.Count == 3 && Deviation.Count == 3, "mean and deviation need three values each");
        Check(Mean.All(float.IsFinite) && Deviation.All(d => float.IsFinite(d) && d > 0), "means must be finite and deviations above 0");
        Check(
            Lungs is null or { Margin: >= 0 and <= 1, Spread: > 0 and <= 20 },
            "the lungs' margin must be 0 to 1 and the spread of their grey values above 0, at most 20");
    }

    static void Check(bool isRight, string rule)
    {
        if (!isRight)
        {
            throw new ArgumentException($"Preprocessing preset: {rule}.");
        }
    }
}

/// <summary>
/// The input is a square around the lungs, never stretched, and its grey values are those of the lungs: what a hospital's devices and
/// cropping leave on a film is mostly outside both (method, section 10).
/// </summary>
/// <param name="Margin">Around the lungs on every side, as a share of the longer side of what holds them; 0 to 1.</param>
/// <param name="Spread">How many standard deviations of the grey values inside the lungs, about their mean, become 0..1.</param>
public sealed record LungCrop(double Margin = 0.08, double Spread = 5);
