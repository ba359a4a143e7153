using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Statistics.Agreement;

/// <summary>How far apart two categories are.</summary>
public enum MeasurementLevel
{
    /// <summary>Equal or not.</summary>
    Nominal,

    /// <summary>By how many ratings lie between them.</summary>
    Ordinal,
}

/// <summary>
/// Krippendorff's alpha (2004, chapter 11): 1 - observed / expected disagreement, for any number of raters and missing ratings. At most 1,
/// 0 is chance. Not defined where no case has two ratings or only one category was used.
/// </summary>
public static class KrippendorffAlpha
{
    /// <summary>For the bootstrap: a function of the k x k sums that <see cref="Add"/> makes, from the given column on.</summary>
    public static TotalStatistic Statistic(int categories, MeasurementLevel level, int firstColumn = 0) =>
        new(sums => Value(sums.Slice(firstColumn, categories * categories), categories, level));

    /// <summary>Asks for alpha alone.</summary>
    /// <param name="clusters">Which cases of the table belong together.</param>
    /// <param name="table">Who rated what.</param>
    /// <param name="level">How far apart two categories are.</param>
    /// <exception cref="ArgumentException">Table and clusters are not of the same cases.</exception>
    public static FigureRequest<Estimate> Request(Clusters clusters, RatingTable table, MeasurementLevel level)
    {
        if (clusters.Cases != table.Cases)
        {
            throw new ArgumentException("Table and clusters need the same cases.", nameof(table));
        }

        var cells = table.Categories * table.Categories;
        var sums = new TotalStatistics(clusters, cells + 1, Add);
        var alpha = sums.Ask(Statistic(table.Categories, level) with { Cases = t => t[cells] });
        return new([sums], estimates => estimates[alpha]);

        void Add(int i, Span<double> row)
        {
            var raters = 0;
            foreach (var r in table[i])
            {
                raters += r;
            }

            KrippendorffAlpha.Add(table[i], row[..cells]);
            row[cells] += raters >= 2 ? 1 : 0;
        }
    }

    /// <summary>Adds a case to the coincidence matrix: each ordered pair of its m ratings counts 1 / (m - 1).</summary>
    /// <param name="ratings">The number of ratings by category.</param>
    /// <param name="coincidences">k x k, row by row.</param>
    public static void Add(ReadOnlySpan<int> ratings, Span<double> coincidences)
    {
        var raters = 0;
        foreach (var r in ratings)
        {
            raters += r;
        }

        for (var c = 0; raters >= 2 && c < ratings.Length; c++)
        {
            for (var k = 0; k < ratings.Length; k++)
            {
                coincidences[(c * ratings.Length) + k] += ratings[c] * (ratings[k] - (c == k ? 1 : 0)) / (raters - 1.0);
            }
        }
    }

    static double? Value(ReadOnlySpan<double> coincidences, int categories, MeasurementLevel level)
    {
        var used = new double[categories];
        var total = 0.0;
        for (var i = 0; i < coincidences.Length; i++)
        {
            used[i / categories] += coincidences[i];
            total += coincidences[i];
        }

        double observed = 0, expected = 0;
        for (var c = 0; c < categories; c++)
        {
            for (var k = 0; k < categories; k++)
            {
                var distance = c == k ? 0 : level == MeasurementLevel.Nominal ? 1 : Between(used, Math.Min(c, k), Math.Max(c, k));
                observed += coincidences[(c * categories) + k] * distance;
                expected += used[c] * used[k] * distance;
            }
        }

        return expected > 0 ? 1 - ((total - 1) * observed / expected) : null;
    }

    static double Between(double[] used, int low, int high)
    {
        var sum = -(used[low] + used[high]) / 2;
        for (var g = low; g <= high; g++)
        {
            sum += used[g];
        }

        return sum * sum;
    }
}
