namespace CovidCxr.Statistics.Agreement;

/// <summary>
/// Gwet's AC1 (2008): agreement beyond a chance that is small where one category is rare, so that it stays high where raters
/// agree on nearly all of many negatives and kappa does not. At most 1. Two raters are the case of two ratings each.
/// </summary>
public static class GwetAgreement
{
    /// <summary>For the bootstrap: a function of a two-rater table's cells, row by row.</summary>
    public static Resampling.TotalStatistic Statistic(int categories)
    {
        var model = new ChanceModel(categories, gwet: true);
        // What one case of each cell adds.
        var added = new double[categories * categories][];
        for (var cell = 0; cell < added.Length; cell++)
        {
            var ratings = new int[categories];
            ratings[cell / categories]++;
            ratings[cell % categories]++;
            model.Add(ratings, added[cell] = new double[ChanceModel.Columns(categories)]);
        }

        return new(cells =>
        {
            var sums = new double[ChanceModel.Columns(categories)];
            for (var cell = 0; cell < added.Length; cell++)
            {
                for (var s = 0; s < sums.Length; s++)
                {
                    sums[s] += cells[cell] * added[cell][s];
                }
            }

            return model.Statistic.Value(sums);
        });
    }
}
