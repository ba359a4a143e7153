using CovidCxr.Statistics;
using CovidCxr.Statistics.Agreement;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Learning.Severity;

/// <summary>
/// How far a severity lies from that of radiologists, with intervals by patient: mean absolute error and quadratic kappa of the zones, mean
/// absolute error and Pearson's correlation of the sums (Signoroni et al. 2021 report the same).
/// </summary>
/// <param name="ZoneError">0..3.</param>
/// <param name="ZoneKappa">Of zones rounded to whole scores, -1..1.</param>
/// <param name="SumError">0..18.</param>
/// <param name="SumCorrelation">-1..1.</param>
/// <param name="SumErrorOfNine">Nine of ten sums lie at most so far from the truth.</param>
public sealed record SeverityFigures(
    Estimate ZoneError, Estimate ZoneKappa, Estimate SumError, Estimate SumCorrelation, double SumErrorOfNine)
{
    const int Levels = 4, ZoneErrors = 0, SumErrors = 1, X = 2, Y = 3, Xx = 4, Yy = 5, Xy = 6, Films = 7, Cells = 8,
        Columns = Cells + (Levels * Levels);

    /// <param name="patients">Of each film.</param>
    /// <param name="said">For each film its six zones, 0..3.</param>
    /// <param name="truth">As said.</param>
    public static SeverityFigures Of(
        IReadOnlyList<int> patients, IReadOnlyList<IReadOnlyList<double>> said, IReadOnlyList<IReadOnlyList<double>> truth)
    {
        var clusters = Clusters.Of(patients.ToArray());
        var sums = new TotalStatistics(clusters, Columns, (i, row) => Add(said[i], truth[i], row));
        var kappa = CohenKappa.Statistic(Levels, AgreementWeights.Quadratic);
        var zoneError = sums.Ask(new(t => t[ZoneErrors] / (t[Films] * SeverityHead.ZoneCount)));
        var zoneKappa = sums.Ask(new(t => kappa.Value(t[Cells..])));
        var sumError = sums.Ask(new(t => t[SumErrors] / t[Films]));
        var correlation = sums.Ask(new(Correlation));
        var estimates = ClusteredBootstrap.Intervals([sums]);
        double[] errors = [.. said.Zip(truth, (s, t) => Math.Abs(s.Sum() - t.Sum())).Order()];
        return new(
            estimates[zoneError], estimates[zoneKappa], estimates[sumError], estimates[correlation],
            errors[Math.Min(errors.Length - 1, (int)Math.Ceiling(0.9 * (errors.Length + 1)) - 1)]);
    }

    static void Add(IReadOnlyList<double> said, IReadOnlyList<double> truth, Span<double> row)
    {
        for (var zone = 0; zone < SeverityHead.ZoneCount; zone++)
        {
            row[ZoneErrors] += Math.Abs(said[zone] - truth[zone]);
            row[Cells + (Level(said[zone]) * Levels) + Level(truth[zone])]++;
        }

        var (x, y) = (said.Sum(), truth.Sum());
        row[SumErrors] += Math.Abs(x - y);
        (row[X], row[Y], row[Films]) = (row[X] + x, row[Y] + y, row[Films] + 1);
        (row[Xx], row[Yy], row[Xy]) = (row[Xx] + (x * x), row[Yy] + (y * y), row[Xy] + (x * y));
    }

    static int Level(double zone) => (int)Math.Round(zone, MidpointRounding.AwayFromZero);

    static double? Correlation(ReadOnlySpan<double> t)
    {
        var n = t[Films];
        var (x, y) = (t[Xx] - (t[X] * t[X] / n), t[Yy] - (t[Y] * t[Y] / n));
        return x > 1e-9 && y > 1e-9 ? (t[Xy] - (t[X] * t[Y] / n)) / Math.Sqrt(x * y) : null;
    }
}
