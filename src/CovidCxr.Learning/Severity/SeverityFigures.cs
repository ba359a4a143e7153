using CovidCxr.Statistics;
using CovidCxr.Statistics.Agreement;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Learning.Severity;

/// <summary>
/// How far a severity lies from that of radiologists, with intervals by patient: mean absolute error and quadratic kappa of the zones, and
/// what <see cref="ScoreFigures"/> says of their sums (Signoroni et al. 2021 report the same).
/// </summary>
/// <param name="ZoneError">0..3.</param>
/// <param name="ZoneKappa">Of zones rounded to whole scores, -1..1.</param>
/// <param name="Sum">Of the sums, 0..18.</param>
public sealed record SeverityFigures(Estimate ZoneError, Estimate ZoneKappa, ScoreFigures Sum)
{
    const int Levels = 4, ZoneErrors = 0, Films = 1, Cells = 2, Columns = Cells + (Levels * Levels);

    /// <param name="patients">Of each film.</param>
    /// <param name="said">For each film its six zones, 0..3.</param>
    /// <param name="truth">As said.</param>
    public static SeverityFigures Of(
        IReadOnlyList<int> patients, IReadOnlyList<IReadOnlyList<double>> said, IReadOnlyList<IReadOnlyList<double>> truth)
    {
        var sums = new TotalStatistics(Clusters.Of(patients.ToArray()), Columns, (i, row) => Add(said[i], truth[i], row));
        var kappa = CohenKappa.Statistic(Levels, AgreementWeights.Quadratic);
        var zoneError = sums.Ask(new(t => t[ZoneErrors] / (t[Films] * SeverityHead.ZoneCount)));
        var zoneKappa = sums.Ask(new(t => kappa.Value(t[Cells..])));
        var estimates = ClusteredBootstrap.Intervals([sums]);
        return new(
            estimates[zoneError], estimates[zoneKappa],
            ScoreFigures.Of(patients, [.. said.Select(s => s.Sum())], [.. truth.Select(s => s.Sum())]));
    }

    static void Add(IReadOnlyList<double> said, IReadOnlyList<double> truth, Span<double> row)
    {
        for (var zone = 0; zone < SeverityHead.ZoneCount; zone++)
        {
            row[ZoneErrors] += Math.Abs(said[zone] - truth[zone]);
            row[Cells + (Level(said[zone]) * Levels) + Level(truth[zone])]++;
        }

        row[Films]++;
    }

    static int Level(double zone) => (int)Math.Round(zone, MidpointRounding.AwayFromZero);
}
