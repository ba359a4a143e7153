using CovidCxr.Statistics;
using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Learning.Evaluation;

/// <summary>A model beside another one on films that neither was trained on. Differences are paired by patient.</summary>
/// <param name="Sha256">Of the other model's file.</param>
/// <param name="Fewest">Patients of the class that has fewer of them.</param>
/// <param name="AreaGained">Area under the ROC curve less the other's, -1..1.</param>
/// <param name="SensitivityGained">Sensitivity at the own threshold less the other's at its own, -1..1.</param>
public sealed record RivalFigures(
    string Name, string Sha256, int Films, int Fewest, Estimate AreaGained, Estimate SensitivityGained)
{
    const int Own = 0, Others = 1, Positives = 2;

    /// <param name="own">At least one.</param>
    /// <param name="positive">Index of the positive class among the own ones.</param>
    /// <param name="scores">The other's probability of its positive class for each of them, 0..1.</param>
    /// <param name="threshold">The other's.</param>
    public static RivalFigures Of(
        string name, string sha256, IReadOnlyList<EvaluatedCase> own, int positive, double[] scores, double threshold)
    {
        var clusters = Clusters.Of(own.Select(c => c.Cluster).ToArray());
        var truth = FigureSet.TruthOf(own, positive);
        var area = new PairedDifference(
            new AreaStatistic(clusters, FigureSet.ScoresOf(own, positive), truth), new AreaStatistic(clusters, scores, truth));
        var hits = new TotalStatistics(clusters, 3, (i, row) =>
        {
            row[Own] += truth[i] && own[i].Decided == positive ? 1 : 0;
            row[Others] += truth[i] && scores[i] >= threshold ? 1 : 0;
            row[Positives] += truth[i] ? 1 : 0;
        });
        var sensitivity = hits.Ask(TotalStatistic.Ratio([Own], [Positives]).Less(TotalStatistic.Ratio([Others], [Positives])));
        var estimates = ClusteredBootstrap.Intervals([area, hits]);
        return new(
            name, sha256, own.Count, CoveredFigures.FewestPatients(own, positive), estimates[area.Figure], estimates[sensitivity]);
    }
}
