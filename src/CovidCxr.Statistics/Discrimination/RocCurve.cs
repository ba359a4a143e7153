namespace CovidCxr.Statistics.Discrimination;

/// <summary>One operating point: decide positive at scores of at least Threshold.</summary>
public sealed record RocPoint(double Threshold, double FalsePositiveRate, double TruePositiveRate);

/// <summary>The receiver operating characteristic of scores against a binary truth.</summary>
public sealed class RocCurve
{
    RocCurve(IReadOnlyList<RocPoint> points, Estimate area)
    {
        Points = points;
        Area = area;
    }

    /// <summary>From (0, 0) at an infinite threshold to (1, 1); one point per distinct score. Empty where a class is missing.</summary>
    public IReadOnlyList<RocPoint> Points { get; }

    /// <summary>Mann and Whitney's estimate, ties counted half, with the interval of DeLong et al. (1988) cut to 0..1.</summary>
    public Estimate Area { get; }

    /// <param name="scores">Finite, one per case.</param>
    /// <param name="isPositive">The truth, one per case.</param>
    /// <exception cref="ArgumentException">Scores and truth are not of the same cases, or a score is NaN.</exception>
    public static RocCurve Of(ReadOnlySpan<double> scores, ReadOnlySpan<bool> isPositive)
    {
        if (scores.Length != isPositive.Length)
        {
            throw new ArgumentException("Scores and truth need the same length.", nameof(isPositive));
        }

        if (scores.ContainsNaN())
        {
            throw new ArgumentException("A score is not a number.", nameof(scores));
        }

        var positives = Select(scores, isPositive, true);
        var negatives = Select(scores, isPositive, false);
        return positives.Length == 0 || negatives.Length == 0
            ? new([], Estimate.Undefined(scores.Length, "only one class is present"))
            : new(Trace(positives, negatives), DeLong(positives, negatives));
    }

    /// <summary>
    /// The point of largest sensitivity + specificity - 1 (Youden 1950); of equals the highest threshold. Null where a class is missing.
    /// </summary>
    public RocPoint? YoudenPoint()
    {
        RocPoint? best = null;
        foreach (var p in Points.Skip(1))
        {
            // 0.3 - 0.1 and 0.4 - 0.2 are equal up to rounding.
            if (best is null || p.TruePositiveRate - p.FalsePositiveRate > best.TruePositiveRate - best.FalsePositiveRate + 1e-12)
            {
                best = p;
            }
        }

        return best;
    }

    /// <summary>The first and the last point, and of those between every one that lies at least a step from the last one kept.</summary>
    /// <param name="step">The sum of both rates' differences, above 0: a drawing shows no more than its pixels.</param>
    public IReadOnlyList<RocPoint> Thinned(double step)
    {
        List<RocPoint> kept = [];
        foreach (var (i, point) in Points.Index())
        {
            if (i == 0 || i == Points.Count - 1
                || point.FalsePositiveRate - kept[^1].FalsePositiveRate + point.TruePositiveRate - kept[^1].TruePositiveRate >= step)
            {
                kept.Add(point);
            }
        }

        return kept;
    }

    static double[] Select(ReadOnlySpan<double> scores, ReadOnlySpan<bool> isPositive, bool wanted)
    {
        var selected = new List<double>(scores.Length);
        for (var i = 0; i < scores.Length; i++)
        {
            if (isPositive[i] == wanted)
            {
                selected.Add(scores[i]);
            }
        }

        selected.Sort();
        return [.. selected];
    }

    static List<RocPoint> Trace(double[] positives, double[] negatives)
    {
        var points = new List<RocPoint> { new(double.PositiveInfinity, 0, 0) };
        foreach (var threshold in positives.Concat(negatives).Distinct().OrderDescending())
        {
            points.Add(new(
                threshold, (double)AtLeast(negatives, threshold) / negatives.Length,
                (double)AtLeast(positives, threshold) / positives.Length));
        }

        return points;
    }

    // V10 and V01 are the placement values of DeLong's theory: for each case, the share of the other class that it is ranked right against.
    static Estimate DeLong(double[] positives, double[] negatives)
    {
        var v10 = Array.ConvertAll(positives, p => (Below(negatives, p) + (0.5 * Equal(negatives, p))) / negatives.Length);
        var v01 = Array.ConvertAll(negatives, n => 1 - ((Below(positives, n) + (0.5 * Equal(positives, n))) / positives.Length));
        var area = v10.Average();
        var count = positives.Length + negatives.Length;
        if (positives.Length < 2 || negatives.Length < 2)
        {
            return new(area, null, null, count, "too few cases for an interval");
        }

        var variance = (Variance(v10) / v10.Length) + (Variance(v01) / v01.Length);
        if (variance < 1e-18)
        {
            // An interval of no width would claim certainty.
            return new(area, null, null, count, "no interval: the classes are perfectly separated, or all scores are tied");
        }

        var half = Wilson.Z95 * Math.Sqrt(variance);
        return new(area, Math.Max(0, area - half), Math.Min(1, area + half), count, "DeLong");
    }

    static double Variance(double[] values)
    {
        var mean = values.Average();
        return values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1);
    }

    static int Below(double[] sorted, double value) => FirstAtLeast(sorted, value);

    static int AtLeast(double[] sorted, double value) => sorted.Length - FirstAtLeast(sorted, value);

    static int Equal(double[] sorted, double value) => FirstAtLeast(sorted, Math.BitIncrement(value)) - FirstAtLeast(sorted, value);

    static int FirstAtLeast(double[] sorted, double value)
    {
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = sorted[middle] < value ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
