namespace CovidCxr.Statistics.Drift;

/// <summary>
/// Whether two samples come from one distribution: the largest distance of their distribution functions (Smirnov 1939), 0..1, and how often
/// chance makes it as large. With ties the p value errs to the safe side (it is too large).
/// </summary>
/// <param name="Distance">Null where a sample is empty.</param>
/// <param name="PValue">Two-sided; null where a sample is empty.</param>
/// <param name="Method">exact or asymptotic, or why there is no value.</param>
public sealed record KolmogorovSmirnov(double? Distance, double? PValue, string Method)
{
    /// <summary>Up to this many pairs the p value is exact; it costs a step per pair.</summary>
    public const long MostPairsForExact = 1_000_000;

    /// <param name="first">Without NaN.</param>
    /// <param name="second">Without NaN.</param>
    /// <exception cref="ArgumentException">A value is NaN.</exception>
    public static KolmogorovSmirnov Of(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        var (a, b) = (Sorted(first), Sorted(second));
        if (a.Length == 0 || b.Length == 0)
        {
            return new(null, null, "a sample is empty");
        }

        var steps = Steps(a, b);
        var distance = steps / ((double)a.Length * b.Length);
        return (long)a.Length * b.Length <= MostPairsForExact
            ? new(distance, Exact(a.Length, b.Length, steps), "exact")
            : new(distance, Asymptotic(distance * Math.Sqrt((double)a.Length * b.Length / (a.Length + b.Length))), "asymptotic");
    }

    static double[] Sorted(ReadOnlySpan<double> values)
    {
        var sorted = values.ToArray();
        Array.Sort(sorted);
        // NaN sorts first.
        return sorted is [double.NaN, ..] ? throw new ArgumentException("A value is NaN.", nameof(values)) : sorted;
    }

    // The distance times both sizes, a whole number.
    static long Steps(double[] a, double[] b)
    {
        long largest = 0;
        int i = 0, j = 0;
        while (i < a.Length && j < b.Length)
        {
            var value = Math.Min(a[i], b[j]);
            while (i < a.Length && a[i] == value)
            {
                i++;
            }

            while (j < b.Length && b[j] == value)
            {
                j++;
            }

            largest = Math.Max(largest, Math.Abs(((long)i * b.Length) - ((long)j * a.Length)));
        }

        return largest;
    }

    // Of all orders in which the two samples can lie, the share whose path leaves the band (Kim and Jennrich 1970).
    static double Exact(int m, int n, long steps)
    {
        var inside = new double[n + 1];
        for (var j = 0; j <= n; j++)
        {
            inside[j] = (long)j * m >= steps ? 0 : 1;
        }

        for (var i = 1; i <= m; i++)
        {
            var share = i / (double)(i + n);
            inside[0] = (long)i * n >= steps ? 0 : share * inside[0];
            for (var j = 1; j <= n; j++)
            {
                inside[j] = Math.Abs(((long)i * n) - ((long)j * m)) >= steps ? 0 : (share * inside[j]) + inside[j - 1];
            }
        }

        return Math.Clamp(1 - inside[n], 0, 1);
    }

    // Kolmogorov's series, and for small arguments its theta transform, which converges there.
    static double Asymptotic(double x)
    {
        if (x <= 0)
        {
            return 1;
        }

        var sum = 0.0;
        if (x < 1)
        {
            for (var k = 1; k <= 20; k++)
            {
                sum += Math.Exp(-((2 * k) - 1) * ((2 * k) - 1) * Math.PI * Math.PI / (8 * x * x));
            }

            return 1 - (Math.Sqrt(2 * Math.PI) / x * sum);
        }

        for (var k = 1; k <= 20; k++)
        {
            sum += (k % 2 == 1 ? 2 : -2) * Math.Exp(-2 * k * k * x * x);
        }

        return Math.Clamp(sum, 0, 1);
    }
}
