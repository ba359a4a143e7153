using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Statistics.Agreement;

/// <summary>
/// What Fleiss' kappa and Gwet's AC share (Gwet 2014, chapters 2 and 5): observed agreement over pairs of raters of one case, averaged over cases with two
/// ratings or more, against a chance that depends on how often each category is used. Any number of raters per case.
/// </summary>
sealed class ChanceModel(int categories, AgreementWeights weights, bool gwet)
{
    // Sums over cases: agreement, cases with two ratings, cases with one, and from here on the share of each category.
    const int Agreement = 0, Twice = 1, Rated = 2, Shares = 3;
    readonly double[] weight = WeightMatrix.Of(weights, categories);

    public static int Columns(int categories) => Shares + categories;

    public TotalStatistic Statistic => new(sums => Value(sums) is var (value, _, _) ? value : null, sums => sums[Twice]);

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

    public Estimate Of(RatingTable table, string method)
    {
        var sums = new double[Columns(categories)];
        for (var i = 0; i < table.Cases; i++)
        {
            Add(table[i], sums);
        }

        if (sums[Twice] == 0)
        {
            return Estimate.Undefined(0, "no case has two ratings");
        }

        return Value(sums) is not var (value, expected, share)
            ? Estimate.Undefined((int)sums[Twice], "only one category was used")
            : Asymptotic.Around(value, Variance(table, sums, value, expected, share), (int)sums[Twice], method);
    }

    // The squared influence of each case (Gwet 2014, equations 5.3.9 and 5.3.12).
    double Variance(RatingTable table, double[] sums, double value, double expected, double[] share)
    {
        double n = sums[Rated], squares = 0;
        for (var i = 0; i < table.Cases; i++)
        {
            var ratings = table[i];
            var raters = Sum(ratings);
            if (raters == 0)
            {
                continue;
            }

            var own = raters >= 2 ? n / sums[Twice] * ((Pairs(ratings) / ((double)raters * (raters - 1))) - expected) / (1 - expected) : 0;
            var chance = 0.0;
            for (var k = 0; k < categories; k++)
            {
                chance += ratings[k] * ChanceOf(k, share) / raters;
            }

            var influence = own - (2 * (1 - value) * (chance - expected) / (1 - expected)) - value;
            squares += influence * influence;
        }

        return n > 1 ? squares / (n * (n - 1)) : 0;
    }

    (double Value, double Expected, double[] Share)? Value(ReadOnlySpan<double> sums)
    {
        if (sums[Twice] <= 0)
        {
            return null;
        }

        var share = new double[categories];
        for (var k = 0; k < categories; k++)
        {
            share[k] = sums[Shares + k] / sums[Rated];
        }

        var expected = 0.0;
        for (var k = 0; k < categories; k++)
        {
            expected += share[k] * ChanceOf(k, share);
        }

        return 1 - expected < 1e-12 ? null : (((sums[Agreement] / sums[Twice]) - expected) / (1 - expected), expected, share);
    }

    // The chance that a rating of k agrees with another.
    double ChanceOf(int k, double[] share)
    {
        if (gwet)
        {
            return weight.Sum() * (1 - share[k]) / (categories * (categories - 1.0));
        }

        var sum = 0.0;
        for (var l = 0; l < categories; l++)
        {
            sum += weight[(k * categories) + l] * share[l];
        }

        return sum;
    }

    double Pairs(ReadOnlySpan<int> ratings)
    {
        var sum = 0.0;
        for (var k = 0; k < categories; k++)
        {
            var near = -1.0;
            for (var l = 0; l < categories; l++)
            {
                near += weight[(k * categories) + l] * ratings[l];
            }

            sum += ratings[k] * near;
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
