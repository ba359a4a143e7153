using CovidCxr.Statistics;
using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Learning.Evaluation;

/// <summary>The same films whole and with a part covered. The difference is paired by patient.</summary>
/// <param name="Films">How many.</param>
/// <param name="Fewest">Patients of the class that has fewer of them.</param>
/// <param name="Area">Area under the ROC curve with the part covered, 0..1.</param>
/// <param name="AreaLost">The area of the whole films less that, -1..1.</param>
public sealed record CoveredFigures(int Films, int Fewest, Estimate Area, Estimate AreaLost)
{
    /// <param name="whole">At least one.</param>
    /// <param name="covered">The same films in the same order.</param>
    /// <param name="positive">Index of the positive class.</param>
    public static CoveredFigures Of(IReadOnlyList<EvaluatedCase> whole, IReadOnlyList<EvaluatedCase> covered, int positive)
    {
        var clusters = Clusters.Of(whole.Select(c => c.Cluster).ToArray());
        var truth = FigureSet.TruthOf(whole, positive);
        var area = new AreaStatistic(clusters, FigureSet.ScoresOf(covered, positive), truth);
        var lost = new PairedDifference(new AreaStatistic(clusters, FigureSet.ScoresOf(whole, positive), truth), area);
        var estimates = ClusteredBootstrap.Intervals([area, lost]);
        return new(whole.Count, FewestPatients(whole, positive), estimates[area.Figure], estimates[lost.Figure]);
    }

    /// <summary>Patients of the class, positive or not, that has fewer of them.</summary>
    public static int FewestPatients(IReadOnlyList<EvaluatedCase> cases, int positive) => Math.Min(
        cases.Where(c => c.Truth == positive).Select(c => c.Cluster).Distinct().Count(),
        cases.Where(c => c.Truth != positive).Select(c => c.Cluster).Distinct().Count());
}
