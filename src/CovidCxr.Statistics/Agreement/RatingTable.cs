using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Statistics.Agreement;

/// <summary>How many raters put each case into each category; who did is not kept, and cases may have any number of ratings.</summary>
public sealed class RatingTable
{
    // Row by row, a row per case.
    readonly int[] _counts;

    RatingTable(int categories, int[] counts)
    {
        Categories = categories;
        _counts = counts;
    }

    /// <summary>At least 2.</summary>
    public int Categories { get; }

    /// <summary>The number of cases, rated or not.</summary>
    public int Cases => _counts.Length / Categories;

    /// <param name="byCase">The ratings; those of one case are a cluster.</param>
    /// <param name="ratings">0 .. categories - 1, below 0 where there is none.</param>
    /// <param name="categories">At least 2.</param>
    /// <exception cref="ArgumentException">Ratings and clusters are not of the same number.</exception>
    /// <exception cref="IndexOutOfRangeException">A rating is no category.</exception>
    public static RatingTable Of(Clusters byCase, ReadOnlySpan<int> ratings, int categories)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(categories, 2);
        if (byCase.Cases != ratings.Length)
        {
            throw new ArgumentException("One rating is needed for each place.", nameof(ratings));
        }

        var table = new RatingTable(categories, new int[byCase.Count * categories]);
        for (var i = 0; i < ratings.Length; i++)
        {
            if (ratings[i] >= 0)
            {
                table._counts.AsSpan(byCase.OfCase[i] * categories, categories)[ratings[i]]++;
            }
        }

        return table;
    }

    /// <summary>The ratings of one case by category.</summary>
    public ReadOnlySpan<int> this[int caseIndex] => _counts.AsSpan(caseIndex * Categories, Categories);
}
