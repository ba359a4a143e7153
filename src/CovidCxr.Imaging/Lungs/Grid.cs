namespace CovidCxr.Imaging.Lungs;

/// <summary>Values on a grid that covers a picture.</summary>
public static class Grid
{
    /// <summary>The value at a place of the picture, between cells interpolated; beyond the picture that of its edge.</summary>
    /// <param name="values">height x width, row-major.</param>
    /// <param name="x">0 at the left edge, 1 at the right.</param>
    /// <param name="y">0 at the top, 1 at the bottom.</param>
    public static float At(float[] values, int width, int height, double x, double y)
    {
        double u = Math.Clamp((x * width) - 0.5, 0, width - 1), v = Math.Clamp((y * height) - 0.5, 0, height - 1);
        int x0 = (int)u, y0 = (int)v, x1 = Math.Min(x0 + 1, width - 1), y1 = Math.Min(y0 + 1, height - 1);
        float fx = (float)(u - x0), fy = (float)(v - y0);
        var upper = values[(y0 * width) + x0] + (fx * (values[(y0 * width) + x1] - values[(y0 * width) + x0]));
        var lower = values[(y1 * width) + x0] + (fx * (values[(y1 * width) + x1] - values[(y1 * width) + x0]));
        return upper + (fy * (lower - upper));
    }
}
