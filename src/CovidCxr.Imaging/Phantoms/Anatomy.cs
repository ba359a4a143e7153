using System.Runtime.CompilerServices;
using CovidCxr.Imaging.Augmentation;

namespace CovidCxr.Imaging.Phantoms;

/// <summary>One drawn chest: densities as soft shapes on the square (-1,-1)..(1,1), x to the viewer's right, y down.</summary>
sealed record Anatomy(
    double Tilt, double Width, double Apex, double LungBase, double HeartSize, double RibPhase, Anatomy.Opacity[] Opacities)
{
    /// <summary>A blurred patch: centre, radius and the density it adds.</summary>
    public sealed record Opacity(double X, double Y, double Radius, double Density);

    public static Anatomy Draw(SplitMix64 random, PhantomKind kind) => new(
        random.Between(-0.04, 0.04), random.Between(0.92, 1.06), random.Between(-0.72, -0.62), random.Between(0.42, 0.56),
        random.Between(0.9, 1.15), random.Between(0, Math.PI), DrawOpacities(random, kind));

    // Optimised from its first call: a start draws a dozen films of a million pixels before a background thread would get to it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Density(double x, double y)
    {
        x = (x - (Tilt * y)) / Width;
        var body = Body(x, y);
        var lungs = Math.Max(Lung(x, y, -1), Lung(x, y, 1));
        var air = lungs * (1 - Mediastinum(x, y));
        var density = body * (0.62 - (0.44 * air) + (0.06 * y));
        var ribs = Ribs(x, y);
        density += air * (ribs + Vessels(x, y));
        density += 0.16 * body * Soft(Math.Abs(x) / 0.085, 4) * (0.8 + (0.2 * Math.Cos(y * 34)));
        density += body * (Clavicles(x, y) + (0.05 * ribs));
        if (Opacities.Length > 0)
        {
            var texture = 0.9 + (0.1 * Math.Sin((x * 23) + (y * 31) + (4 * Math.Sin((y * 17) - (x * 9)))));
            foreach (var patch in Opacities)
            {
                var distance = Math.Sqrt(Square(x - patch.X) + Square(y - patch.Y)) / patch.Radius;
                density += air * patch.Density * Soft(distance, 2) * texture;
            }
        }

        return 0.03 + (0.92 * Math.Clamp(density, 0, 1));
    }

    // Shoulders and trunk.
    static double Body(double x, double y)
    {
        var shoulder = y < -0.55 ? 0.95 - (1.6 * (-0.55 - y)) : 0.95;
        return Soft(Math.Abs(x) / Math.Max(shoulder, 0.22), 14);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    double Lung(double x, double y, int side)
    {
        var (centre, half) = (side * 0.43, 0.33);
        // The right hemidiaphragm (on the viewer's left) stands higher than the left one.
        var floor = LungBase - (side < 0 ? 0.06 : 0) - (0.16 * Square((x - centre) / half)) + 0.1;
        var top = Apex + (0.55 * Square(Math.Max(0, ((x * side) - 0.3) / 0.45)));
        var along = (y - ((top + floor) / 2)) / ((floor - top) / 2);
        var across = (x - (centre * (0.86 + (0.14 * along)))) / (half * (0.84 + (0.16 * along)));
        // The distance is the cube root of this sum.
        return Soft(Math.Pow(Math.Abs(across), 2.6) + Square(Square(along)), 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    double Mediastinum(double x, double y)
    {
        var trunk = Soft(Math.Abs(x) / (0.13 + (0.03 * y)), 8);
        // The apex of the heart points to the patient's left, the viewer's right.
        var heart = Soft(Math.Sqrt(Square((x - 0.13) / (0.3 * HeartSize)) + Square((y - 0.24) / (0.27 * HeartSize))), 9);
        var arch = 0.8 * Soft(Math.Sqrt(Square((x - 0.13) / 0.1) + Square((y + 0.3) / 0.1)), 6);
        return Math.Max(trunk, Math.Max(heart, arch));
    }

    double Ribs(double x, double y)
    {
        var bow = y + (0.42 * Square(Math.Abs(x) - 0.12));
        var wave = Math.Cos((bow * 27) + RibPhase);
        return wave > 0.35 ? 0.11 * (wave - 0.35) / 0.65 : 0;
    }

    static double Vessels(double x, double y)
    {
        var fromHilum = Math.Sqrt(Square(Math.Abs(x) - 0.17) + Square(y + 0.02));
        var angle = Math.Atan2(y + 0.02, Math.Abs(x) - 0.17);
        return 0.13 * Math.Exp(-fromHilum * 4.5) * (0.7 + (0.3 * Math.Cos((angle * 9) + (fromHilum * 6))));
    }

    static double Clavicles(double x, double y)
    {
        var line = -0.6 - (0.16 * Math.Abs(x)) + (0.06 * Math.Sin(Math.Abs(x) * 5));
        return Math.Abs(x) is > 0.08 and < 0.8 ? 0.12 * Soft(Math.Abs(y - line) / 0.035, 3) : 0;
    }

    static Opacity[] DrawOpacities(SplitMix64 random, PhantomKind kind)
    {
        Opacity Patch(int side, double nearX, double farX, double low, double high, double minRadius, double maxRadius, double density) =>
            new(
                side * random.Between(nearX, farX), random.Between(low, high), random.Between(minRadius, maxRadius),
                density * random.Between(0.8, 1.2));

        return kind switch
        {
            PhantomKind.BilateralOpacities =>
                [.. Enumerable.Range(0, 8).Select(i => Patch(i % 2 == 0 ? -1 : 1, 0.42, 0.68, -0.1, 0.42, 0.09, 0.18, 0.26))],
            PhantomKind.LobarOpacity => [Patch(random.Below(2) == 0 ? -1 : 1, 0.34, 0.46, 0.05, 0.3, 0.24, 0.32, 0.4)],
            _ => [],
        };
    }

    // 1 inside, 0 outside, one half at 1; the larger the order, the sharper the edge.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static double Soft(double distance, int order)
    {
        // Squared and multiplied: Math.Pow was half the time of a film, which asks it a dozen times a pixel.
        var power = 1.0;
        for (; order > 0; order >>= 1, distance *= distance)
        {
            power *= (order & 1) == 1 ? distance : 1;
        }

        return 1 / (1 + power);
    }

    static double Square(double value) => value * value;
}
