namespace CovidCxr.Statistics.Agreement;

/// <summary>What two raters called the same cases: a square table of counts.</summary>
public sealed class PairTable
{
    readonly int[] _counts;

    PairTable(int categories, int[] counts)
    {
        Categories = categories;
        _counts = counts;
        Total = counts.Sum();
    }

    /// <summary>At least 2.</summary>
    public int Categories { get; }

    /// <summary>The cases that both rated.</summary>
    public int Total { get; }

    /// <summary>Row by row: the first rater's category is the row.</summary>
    public ReadOnlySpan<int> Counts => _counts;

    /// <summary>Cases that the first called one thing and the second the other.</summary>
    public int this[int first, int second] => _counts[(first * Categories) + second];

    /// <summary>The cases in a cell of a table of two categories, of which the first is yes.</summary>
    public int this[PairCell cell] => _counts[(int)cell];

    /// <summary>A table that is counted already.</summary>
    /// <param name="counts">Square, row by row, none negative.</param>
    /// <exception cref="ArgumentException">counts is not square.</exception>
    public static PairTable Of(int[] counts)
    {
        var categories = (int)Math.Round(Math.Sqrt(counts.Length));
        if (categories < 2 || categories * categories != counts.Length || counts.Any(c => c < 0))
        {
            throw new ArgumentException("A square table of at least 2 x 2 counts is needed.", nameof(counts));
        }

        return new(categories, [.. counts]);
    }

    /// <summary>The cell of a case in <see cref="Counts"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A rating is no category.</exception>
    public static int Cell(int first, int second, int categories)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(second);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(first, categories);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(second, categories);
        return (first * categories) + second;
    }
}
