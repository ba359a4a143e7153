using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Guard;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Engine.Evaluation;

/// <summary>Opens evaluated films as an upload is opened: what the guard says, and how much of the heat map lies in the lungs.</summary>
static class FilmLook
{
    const int Withheld = 0, Inside = 1, Warm = 2, Films = 3;

    /// <param name="network">As the films were judged by it.</param>
    /// <param name="root">Where the films' paths start.</param>
    /// <returns>Of the films that can be read; null where none can.</returns>
    public static FilmLooks? At(
        Backbone network, PreprocessingPreset preset, IReadOnlyList<EvaluatedCase> cases, string root, CancellationToken cancellation)
    {
        var wasTraining = network.training;
        network.eval();
        List<(string Cluster, bool IsWithheld, double? InLungs)> seen = [];
        foreach (var one in cases)
        {
            cancellation.ThrowIfCancellationRequested();
            if (TrainingDecoders.Here.FilmAt(Path.Combine(root, one.File.Path)) is not { } film)
            {
                continue;
            }

            var (verdict, lungs) = FilmGuard.Default.Look(film);
            var image = one.Prediction.Sample.Image;
            var map = ConfusedMaps.Of(network, preset, image.Pixels.ToArray(), one.Decided).OnFilm(image.Region);
            seen.Add((one.Cluster, verdict.Withholds, map.InsideOf(lungs)));
        }

        network.train(wasTraining);
        return seen.Count == 0 ? null : Sum(seen);
    }

    static FilmLooks Sum(List<(string Cluster, bool IsWithheld, double? InLungs)> seen)
    {
        var clusters = Clusters.Of(seen.ConvertAll(s => s.Cluster));
        var sums = new TotalStatistics(clusters, 4, (i, row) =>
        {
            row[Withheld] += seen[i].IsWithheld ? 1 : 0;
            row[Inside] += seen[i].InLungs ?? 0;
            row[Warm] += seen[i].InLungs is null ? 0 : 1;
            row[Films]++;
        });
        var (withheld, inside) = (
            sums.Ask(TotalStatistic.Ratio([Withheld], [Films])), sums.Ask(TotalStatistic.Ratio([Inside], [Warm])));
        var estimates = ClusteredBootstrap.Intervals([sums]);
        return new(seen.Count, Statistics.Discrimination.Wilson.WhereAllAgree(estimates[withheld], clusters.Count), estimates[inside]);
    }
}
