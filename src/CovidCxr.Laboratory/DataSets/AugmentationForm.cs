using System.Globalization;
using CovidCxr.Imaging.Augmentation;

namespace CovidCxr.Laboratory.DataSets;

/// <summary>
/// The transforms of the paper's Table 1 as a page asks for them: its values as defaults, each with the chance (0 to 1) that an image gets
/// it.
/// </summary>
public sealed record AugmentationForm
{
    public const int MaxRotationsLength = 60;

    static readonly AugmentationOptions Paper = AugmentationOptions.Paper;

    /// <summary>Degrees with commas between them; one is drawn, with either sign.</summary>
    public string Rotations { get; set; } = string.Join(", ", Paper.RotationDegrees.Select(Text));

    public double RotationChance { get; set; } = Paper.RotationChance;

    public double BlurChance { get; set; } = Paper.BlurChance;

    public double MaxZoom { get; set; } = Paper.MaxZoom;

    public double ZoomChance { get; set; } = Paper.ZoomChance;

    public double MaxLighting { get; set; } = Paper.MaxLighting;

    public double LightingChance { get; set; } = Paper.LightingChance;

    public double WarpMagnitude { get; set; } = Paper.WarpMagnitude;

    public double WarpChance { get; set; } = Paper.WarpChance;

    public double FlipChance { get; set; } = Paper.FlipChance;

    public double MaxGamma { get; set; } = Paper.MaxGamma;

    public double CoarseChance { get; set; } = Paper.CoarseChance;

    public double MaxNoise { get; set; } = Paper.MaxNoise;

    /// <exception cref="ArgumentException">A value is out of range or no number; the message names it.</exception>
    internal AugmentationOptions ToOptions()
    {
        if (Rotations.Length > MaxRotationsLength)
        {
            throw new ArgumentException($"Augmentation: write the rotations in {MaxRotationsLength} characters.");
        }

        var options = new AugmentationOptions(
            [.. Rotations.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Degrees)],
            RotationChance, BlurChance, MaxZoom, ZoomChance, MaxLighting, LightingChance, WarpMagnitude, WarpChance, FlipChance, MaxGamma,
            CoarseChance, MaxNoise);
        options.Validate();
        return options;
    }

    /// <summary>For the history of a data set, where the values are not Table 1's.</summary>
    internal string Words() => string.Create(
        CultureInfo.InvariantCulture,
        $"rotation {Rotations}° ({RotationChance}), blur ({BlurChance}), zoom {MaxZoom} ({ZoomChance}), lighting {MaxLighting} "
            + $"({LightingChance}), warp {WarpMagnitude} ({WarpChance}), mirror ({FlipChance}), "
            + $"gamma {MaxGamma}, coarse ({CoarseChance}), noise {MaxNoise}");

    static double Degrees(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var degrees)
            ? degrees
            : throw new ArgumentException($"Augmentation: '{text}' is no rotation in degrees.");

    static string Text(double degrees) => degrees.ToString(CultureInfo.InvariantCulture);
}
