namespace CovidCxr.Imaging.Augmentation;

/// <summary>The transforms of the paper's Table 1 with its values as defaults, each with the chance that a sample gets it.</summary>
/// <param name="RotationDegrees">One of these is drawn, with either sign.</param>
/// <param name="RotationChance">0..1.</param>
/// <param name="BlurChance">0..1: Gaussian blur with a kernel of 3 pixels.</param>
/// <param name="MaxZoom">At least 1; drawn uniformly from 1 up to it.</param>
/// <param name="ZoomChance">0..1.</param>
/// <param name="MaxLighting">At least 1; contrast about the middle and brightness are scaled by up to this or its inverse.</param>
/// <param name="LightingChance">0..1.</param>
/// <param name="WarpMagnitude">0..1: a perspective warp that moves the corners by up to a quarter of this share of the side.</param>
/// <param name="WarpChance">0..1.</param>
/// <param name="FlipChance">0..1: mirrors left and right. Off: a chest has its heart on the left.</param>
/// <param name="MaxGamma">At least 1; grey values are raised to a power of up to this or its inverse. 1 for none.</param>
/// <param name="CoarseChance">0..1: the image loses detail, as from a device or a publisher with fewer pixels.</param>
/// <param name="MaxNoise">0..1: Gaussian noise of up to this standard deviation; 0 for none.</param>
public sealed record AugmentationOptions(
    IReadOnlyList<double> RotationDegrees, double RotationChance, double BlurChance, double MaxZoom, double ZoomChance,
    double MaxLighting, double LightingChance, double WarpMagnitude, double WarpChance, double FlipChance, double MaxGamma = 1,
    double CoarseChance = 0, double MaxNoise = 0)
{
    public static AugmentationOptions Paper { get; } = new([5, 10, 15], 0.75, 0.25, 1.3, 0.75, 1.4, 0.75, 0.4, 0.5, 0);

    public static AugmentationOptions None { get; } = new([], 0, 0, 1, 0, 1, 0, 0, 0, 0);

    /// <exception cref="ArgumentException">A value is out of range; the message names it.</exception>
    public void Validate()
    {
        Check(
            new[] { RotationChance, BlurChance, ZoomChance, LightingChance, WarpChance, FlipChance, CoarseChance }
                .All(c => c is >= 0 and <= 1),
            "chances are 0 to 1");
        Check(RotationDegrees.All(d => d is >= 0 and <= 45), "rotations are 0 to 45 degrees");
        Check(MaxZoom is >= 1 and <= 2 && MaxLighting is >= 1 and <= 3, "zoom is 1 to 2 and lighting 1 to 3");
        Check(MaxGamma is >= 1 and <= 4 && MaxNoise is >= 0 and <= 1, "gamma is 1 to 4 and noise 0 to 1");
        Check(WarpMagnitude is >= 0 and <= 1, "the warp is 0 to 1");
    }

    static void Check(bool isRight, string rule)
    {
        if (!isRight)
        {
            throw new ArgumentException($"Augmentation: {rule}.");
        }
    }
}
