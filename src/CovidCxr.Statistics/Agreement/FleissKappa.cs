namespace CovidCxr.Statistics.Agreement;

/// <summary>
/// Agreement of several raters beyond chance (Fleiss 1971; for cases with different numbers of ratings Gwet 2014): at most 1, 0 is chance.
/// Not defined where only one category was used.
/// </summary>
public static class FleissKappa
{
    /// <summary>With Gwet's asymptotic interval for independent cases (normal quantile).</summary>
    public static Estimate Of(RatingTable table, AgreementWeights weights = AgreementWeights.Identity) =>
        new ChanceModel(table.Categories, weights, gwet: false).Of(table, "asymptotic (Gwet)");
}
