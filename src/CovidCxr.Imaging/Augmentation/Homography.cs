namespace CovidCxr.Imaging.Augmentation;

/// <summary>A plane projective map, as 3 x 3 row-major values; composes rotation, zoom, mirror and warp into one resampling.</summary>
readonly record struct Homography(double A, double B, double C, double D, double E, double F, double G, double H, double I)
{
    public (double X, double Y) Map(double x, double y)
    {
        var w = (G * x) + (H * y) + I;
        return (((A * x) + (B * y) + C) / w, ((D * x) + (E * y) + F) / w);
    }

    /// <summary>First <paramref name="other"/>, then this.</summary>
    public Homography After(Homography other) => new(
        (A * other.A) + (B * other.D) + (C * other.G), (A * other.B) + (B * other.E) + (C * other.H),
        (A * other.C) + (B * other.F) + (C * other.I), (D * other.A) + (E * other.D) + (F * other.G),
        (D * other.B) + (E * other.E) + (F * other.H), (D * other.C) + (E * other.F) + (F * other.I),
        (G * other.A) + (H * other.D) + (I * other.G), (G * other.B) + (H * other.E) + (I * other.H),
        (G * other.C) + (H * other.F) + (I * other.I));

    /// <summary>Rotation by degrees and scaling about the origin, x mirrored first where asked.</summary>
    public static Homography Similarity(double degrees, double scale, bool mirrors)
    {
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        var mirror = mirrors ? -1 : 1;
        return new(cos * scale * mirror, -sin * scale, 0, sin * scale * mirror, cos * scale, 0, 0, 0, 1);
    }

    /// <summary>
    /// Maps the square (-1,-1)..(1,1) to the quadrilateral whose corners (top left, top right, bottom right, bottom left) are given.
    /// Source: Heckbert 1989, section 2.2.3.
    /// </summary>
    public static Homography FromSquare(ReadOnlySpan<(double X, double Y)> corner)
    {
        var (dx1, dx2) = (corner[1].X - corner[2].X, corner[3].X - corner[2].X);
        var (dy1, dy2) = (corner[1].Y - corner[2].Y, corner[3].Y - corner[2].Y);
        var sx = corner[0].X - corner[1].X + corner[2].X - corner[3].X;
        var sy = corner[0].Y - corner[1].Y + corner[2].Y - corner[3].Y;
        var determinant = (dx1 * dy2) - (dx2 * dy1);
        var g = ((sx * dy2) - (dx2 * sy)) / determinant;
        var h = ((dx1 * sy) - (sx * dy1)) / determinant;
        var unitSquare = new Homography(
            corner[1].X - corner[0].X + (g * corner[1].X), corner[3].X - corner[0].X + (h * corner[3].X), corner[0].X,
            corner[1].Y - corner[0].Y + (g * corner[1].Y), corner[3].Y - corner[0].Y + (h * corner[3].Y), corner[0].Y,
            g, h, 1);
        return unitSquare.After(new(0.5, 0, 0.5, 0, 0.5, 0.5, 0, 0, 1));
    }
}
