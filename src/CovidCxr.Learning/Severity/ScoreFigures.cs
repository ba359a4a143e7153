using CovidCxr.Statistics;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Learning.Severity;

/// <summary>How far one number per film lies from that of radiologists, with intervals by patient.</summary>
/// <param name="Error">Mean absolute error, in the score's unit.</param>
/// <param name="Correlation">Pearson's, -1..1.</param>
/// <param name="Order">Of two films of one patient that radiologists score differently, how often the direction of the change is right:
/// 0..1, a half where the two are said to be equal. Not known where no patient has two such films.</param>
/// <param name="Pairs">Of such films.</param>
/// <param name="ErrorOfNine">Nine of ten lie at most so far from the truth.</param>
public sealed record ScoreFigures(Estimate Error, Estimate Correlation, Estimate Order, int Pairs, double ErrorOfNine)
{
    const int Errors = 0, X = 1, Y = 2, Xx = 3, Yy = 4, Xy = 5, Films = 6, Right = 7, Compared = 8, Columns = 9;

    /// <param name="patients">Of each film.</param>
    /// <param name="said">One number per film.</param>
    /// <param name="truth">As said.</param>
    public static ScoreFigures Of(IReadOnlyList<int> patients, IReadOnlyList<double> said, IReadOnlyList<double> truth)
    {
        var later = patients.Select((p, i) =>
            Enumerable.Range(i + 1, patients.Count - i - 1).Where(j => patients[j] == p).ToArray()).ToArray();
        var sums = new TotalStatistics(Clusters.Of(patients.ToArray()), Columns, Add);
        var error = sums.Ask(new(t => t[Errors] / t[Films]));
        var correlation = sums.Ask(new(Pearson));
        var order = sums.Ask(TotalStatistic.Ratio([Right], [Compared]));
        var estimates = ClusteredBootstrap.Intervals([sums]);
        double[] errors = [.. said.Zip(truth, (s, t) => Math.Abs(s - t)).Order()];
        return new(
            estimates[error], estimates[correlation], estimates[order],
            later.Select((js, i) => js.Count(j => truth[i] != truth[j])).Sum(),
            errors[Math.Min(errors.Length - 1, (int)Math.Ceiling(0.9 * (errors.Length + 1)) - 1)]);

        void Add(int i, Span<double> row)
        {
            var (x, y) = (said[i], truth[i]);
            row[Errors] += Math.Abs(x - y);
            (row[X], row[Y], row[Films]) = (row[X] + x, row[Y] + y, row[Films] + 1);
            (row[Xx], row[Yy], row[Xy]) = (row[Xx] + (x * x), row[Yy] + (y * y), row[Xy] + (x * y));
            foreach (var j in later[i].Where(j => truth[j] != y))
            {
                row[Compared]++;
                row[Right] += said[j] == x ? 0.5 : (said[j] > x) == (truth[j] > y) ? 1 : 0;
            }
        }
    }

    static double? Pearson(ReadOnlySpan<double> t)
    {
        var n = t[Films];
        var (x, y) = (t[Xx] - (t[X] * t[X] / n), t[Yy] - (t[Y] * t[Y] / n));
        return x > 1e-9 && y > 1e-9 ? (t[Xy] - (t[X] * t[Y] / n)) / Math.Sqrt(x * y) : null;
    }
}
