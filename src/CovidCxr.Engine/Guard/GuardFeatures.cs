using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Lungs;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Networks;

namespace CovidCxr.Engine.Guard;

/// <summary>
/// What the guard sees of a film: the means of the deepest features of the network that finds lungs, the shape of the lungs, and a few
/// figures of the grey values.
/// </summary>
public static class GuardFeatures
{
    const int Shape = 12, Grey = 6, Side = 64, Border = 6;

    static readonly PreprocessingPreset Small = PreprocessingPreset.Square(Side);

    /// <summary>How many there are.</summary>
    public static int Count { get; } = LungFamily.Channels[^1] + Shape + Grey;

    /// <returns>One value per feature, each of the size of 1.</returns>
    public static float[] Of(GreyImage film, LungMask lungs, float[] means) =>
        [.. means, .. ShapeOf(lungs, (double)film.Width / film.Height), .. GreyOf(Preprocessor.ToUnit(film, Small))];

    static float[] ShapeOf(LungMask lungs, double aspect)
    {
        var bounds = lungs.Bounds() ?? new(0, 0, 0, 0);
        double left = 0, right = 0, upper = 0, edge = 0, x = 0, y = 0, unsure = 0;
        for (var i = 0; i < lungs.Shares.Length; i++)
        {
            var (row, column) = Math.DivRem(i, lungs.Width);
            var share = lungs.Shares[i];
            unsure += share * (1 - share);
            if (share < LungMask.Lung)
            {
                continue;
            }

            left += column < lungs.Width / 2 ? 1 : 0;
            right += column >= lungs.Width / 2 ? 1 : 0;
            upper += row < lungs.Height / 2 ? 1 : 0;
            edge += row == 0 || column == 0 || row == lungs.Height - 1 || column == lungs.Width - 1 ? 1 : 0;
            (x, y) = (x + column, y + row);
        }

        var area = Math.Max(1, left + right);
        var cells = (double)lungs.Shares.Length;
        return [
            (float)(area / cells), (float)((left - right) / area), (float)(upper / area), (float)(edge / lungs.Width),
            (float)(x / area / lungs.Width), (float)(y / area / lungs.Height), (float)(unsure / area), (float)bounds.Left,
            (float)bounds.Top, (float)bounds.Width, (float)bounds.Height, (float)Math.Clamp(Math.Log(aspect), -2, 2)];
    }

    // Mean and deviation, of the border and of the middle, and how much neighbours differ.
    static float[] GreyOf(float[] unit)
    {
        double sum = 0, squares = 0, border = 0, middle = 0, rough = 0;
        int borders = 0, middles = 0;
        for (var i = 0; i < unit.Length; i++)
        {
            var (row, column) = Math.DivRem(i, Side);
            sum += unit[i];
            squares += unit[i] * unit[i];
            rough += column > 0 ? Math.Abs(unit[i] - unit[i - 1]) : 0;
            var fromEdge = Math.Min(Math.Min(row, column), Math.Min(Side - 1 - row, Side - 1 - column));
            if (fromEdge < Border)
            {
                (border, borders) = (border + unit[i], borders + 1);
            }
            else if (fromEdge >= Side / 4)
            {
                (middle, middles) = (middle + unit[i], middles + 1);
            }
        }

        var mean = sum / unit.Length;
        var extremes = unit.Count(v => v is 0 or 1) / (double)unit.Length;
        return [
            (float)mean, (float)Math.Sqrt(Math.Max(0, (squares / unit.Length) - (mean * mean))), (float)(border / borders),
            (float)(middle / middles), (float)(rough / unit.Length * 10), (float)extremes];
    }
}
