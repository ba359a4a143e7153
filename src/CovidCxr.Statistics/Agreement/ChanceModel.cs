using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Statistics.Agreement;

/// <summary>
/// What Fleiss' kappa and Gwet's AC share (Gwet 2014, chapters 2 and 5): observed agreement over pairs of raters of one case, averaged over
/// cases with two ratings or more, against a chance that depends on how often each category is used. Any number of raters per case.
/// </summary>
sealed class ChanceModel(int categories, bool gwet)
{
    // Sums over cases: agreement, cases with two ratings, cases with one, and from here on the share of each category.
    const int Agreement = 0, Twice = 1, Rated = 2, Shares = 3;

    public static int Columns(int categories) => Shares + categories;

    public TotalStatistic Statistic => new(Value, sums => sums[Twice]);

    public static TotalStatistic Observed => new(sums => sums[Twice] > 0 ? sums[Agreement] / sums[Twice] : null, sums => sums[Twice]);

    public void Add(ReadOnlySpan<int> ratings, Span<double> sums)
    {
        var raters = Sum(ratings);
        if (raters == 0)
        {
            return;
        }

        sums[Rated]++;
        for (var k = 0; k < categories; k++)
        {
            sums[Shares + k] += ratings[k] / (double)raters;
        }

        if (raters >= 2)
        {
            sums[Twice]++;
            sums[Agreement] += Pairs(ratings) / ((double)raters * (raters - 1));
        }
    }

    double? Value(ReadOnlySpan<double> sums)
    {
        if (sums[Twice] <= 0)
        {
            return null;
        }

        var expected = 0.0;
        for (var k = 0; k < categories; k++)
        {
            var share = sums[Shares + k] / sums[Rated];
            expected += share * ChanceOf(share);
        }

        return 1 - expected < 1e-12 ? null : ((sums[Agreement] / sums[Twice]) - expected) / (1 - expected);
    }

    // The chance that a rating of a category that has this share of all ratings agrees with another.
    double ChanceOf(double share) => gwet ? categories * (1 - share) / (categories * (categories - 1.0)) : share;

    // Ordered pairs of equal ratings.
    static double Pairs(ReadOnlySpan<int> ratings)
    {
        var sum = 0.0;
        foreach (var count in ratings)
        {
            sum += count * (count - 1.0);
        }

        return sum;
    }

    static int Sum(ReadOnlySpan<int> ratings)
    {
        var sum = 0;
        foreach (var r in ratings)
        {
            sum += r;
        }

        return sum;
    }
}
