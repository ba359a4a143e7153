namespace CovidCxr.Imaging.Augmentation;

/// <summary>What is done to one sample in one epoch.</summary>
/// <param name="Rotation">Degrees, counter-clockwise.</param>
/// <param name="Zoom">At least 1.</param>
/// <param name="Contrast">Factor about the middle grey.</param>
/// <param name="Brightness">Factor.</param>
/// <param name="CornerShifts">x and y of the four corners, as a share of the side: the perspective warp.</param>
public sealed record AugmentationPlan(
    double Rotation, double Zoom, double Contrast, double Brightness, bool Blurs, bool Flips, IReadOnlyList<double> CornerShifts)
{
    // A film of half the pixels still shows what a radiologist needs.
    const double MaxCoarseness = 2.5;

    /// <summary>The power of every grey value.</summary>
    public double Gamma { get; init; } = 1;

    /// <summary>At least 1: by how much the image is shrunk, and enlarged again.</summary>
    public double Coarseness { get; init; } = 1;

    /// <summary>Standard deviation of the noise, whose numbers come from <see cref="NoiseSeed"/>.</summary>
    public double Noise { get; init; }

    public long NoiseSeed { get; init; }

    /// <summary>
    /// Drawn from (seed, epoch, sample, repetition) alone: whoever asks, in whatever order, gets the same plan.
    /// </summary>
    /// <param name="repetition">How often the epoch has shown the sample before.</param>
    public static AugmentationPlan Draw(AugmentationOptions options, long seed, int epoch, int sample, int repetition = 0)
    {
        var random = repetition == 0 ? new SplitMix64(seed, epoch, sample) : new SplitMix64(seed, epoch, sample, repetition);
        bool Happens(double chance) => random.NextDouble() < chance;
        double Factor(double max) => Math.Exp(random.Between(-1, 1) * Math.Log(max));

        var rotation = Happens(options.RotationChance) && options.RotationDegrees.Count > 0
            ? options.RotationDegrees[random.Below(options.RotationDegrees.Count)] * (Happens(0.5) ? 1 : -1)
            : 0;
        var zoom = Happens(options.ZoomChance) ? random.Between(1, options.MaxZoom) : 1;
        var (contrast, brightness) = Happens(options.LightingChance) ? (Factor(options.MaxLighting), Factor(options.MaxLighting)) : (1, 1);
        var reach = Happens(options.WarpChance) ? options.WarpMagnitude / 4 : 0;
        var corners = Enumerable.Range(0, 8).Select(_ => random.Between(-reach, reach)).ToArray();
        return new(rotation, zoom, contrast, brightness, Happens(options.BlurChance), Happens(options.FlipChance), corners)
        {
            Gamma = options.MaxGamma > 1 ? Factor(options.MaxGamma) : 1,
            Coarseness = options.CoarseChance > 0 && Happens(options.CoarseChance) ? random.Between(1, MaxCoarseness) : 1,
            Noise = options.MaxNoise > 0 ? random.Between(0, options.MaxNoise) : 0,
            NoiseSeed = options.MaxNoise > 0 ? (long)random.Next() : 0,
        };
    }
}
