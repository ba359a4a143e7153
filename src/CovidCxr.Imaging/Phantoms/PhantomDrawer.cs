using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Decoding;

namespace CovidCxr.Imaging.Phantoms;

public enum PhantomKind
{
    Clear,
    BilateralOpacities,
    LobarOpacity,
}

/// <summary>How somebody stands before the detector.</summary>
/// <param name="Zoom">1 fills the film.</param>
/// <param name="Turn">Radians.</param>
/// <param name="X">Of half a film, to the right.</param>
/// <param name="Y">Of half a film, down.</param>
public readonly record struct PhantomPose(double Zoom, double Turn, double X, double Y)
{
    public static PhantomPose Straight { get; } = new(1, 0, 0, 0);

    /// <summary>Another for every seed, so that films do not look alike.</summary>
    public static PhantomPose Of(long seed)
    {
        var random = new SplitMix64(seed, 0x705E);
        return new(random.Between(0.85, 1.15), random.Between(-0.12, 0.12), random.Between(-0.15, 0.15), random.Between(-0.12, 0.12));
    }

    internal (double X, double Y) Undo(double x, double y)
    {
        var (sin, cos) = Math.SinCos(Turn);
        (x, y) = ((x - X) / Zoom, (y - Y) / Zoom);
        return ((x * cos) + (y * sin), (y * cos) - (x * sin));
    }
}

/// <summary>
/// Draws synthetic chest films: soft body, lungs, ribs, spine, heart, diaphragm, noise, and opacities by kind. For samples and
/// tests, marked as a phantom in the pixels; nobody's anatomy and nothing to learn medicine from.
/// </summary>
public static class PhantomDrawer
{
    /// <param name="seed">Same seed, same film.</param>
    /// <param name="size">Pixels of each side, 64 to 4096.</param>
    /// <param name="bits">8 or 16.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size or the bits are others.</exception>
    public static GreyImage Draw(PhantomKind kind, int seed, int size, int bits) => Draw(kind, seed, size, bits, PhantomPose.Straight);

    /// <inheritdoc cref="Draw(PhantomKind, int, int, int)"/>
    public static GreyImage Draw(PhantomKind kind, int seed, int size, int bits, PhantomPose pose)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 64);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, 4096);
        if (bits is not (8 or 16))
        {
            throw new ArgumentOutOfRangeException(nameof(bits), bits, "Phantoms have 8 or 16 bits.");
        }

        var random = new SplitMix64(seed, (int)kind);
        var anatomy = Anatomy.Draw(random, kind);
        var samples = new ushort[size * size];
        var max = (1 << bits) - 1;
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var (across, down) = pose.Undo((((2 * x) + 1.0) / size) - 1, (((2 * y) + 1.0) / size) - 1);
                var density = anatomy.Density(across, down);
                samples[(y * size) + x] = (ushort)Math.Clamp((density + (0.012 * random.Normal())) * max, 0, max);
            }
        }

        PhantomMark.Burn(samples, size, (ushort)max);
        return new GreyImage(size, size, bits, samples);
    }
}
