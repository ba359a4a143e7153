using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Learning.Evaluation;

/// <summary>The figures of a set of images (Adedigba et al. 2021, section 5).</summary>
/// <param name="Name">Which images, in words.</param>
/// <param name="Positives">Images of the positive class.</param>
public sealed record FigureSet(string Name, int Images, int Patients, int Positives, IReadOnlyList<Figure> Figures)
{
    public const string Accuracy = "accuracy", Sensitivity = "sensitivity", Specificity = "specificity",
        PositivePredictiveValue = "positive predictive value", NegativePredictiveValue = "negative predictive value",
        Area = "area under the ROC curve";

    const int Right = 0, TruePositive = 1, FalseNegative = 2, FalsePositive = 3, TrueNegative = 4, Columns = 5;

    // Accuracy is over all classes; the others are the positive class against the rest.
    static readonly (string Name, int[] Hits, int[] Of)[] Shares =
    [
        (Accuracy, [Right], [TruePositive, FalseNegative, FalsePositive, TrueNegative]),
        (Sensitivity, [TruePositive], [TruePositive, FalseNegative]),
        (Specificity, [TrueNegative], [TrueNegative, FalsePositive]),
        (PositivePredictiveValue, [TruePositive], [TruePositive, FalsePositive]),
        (NegativePredictiveValue, [TrueNegative], [TrueNegative, FalseNegative]),
    ];

    public Figure this[string name] => Figures.Single(f => f.Name == name);

    public static FigureSet Of(string name, IReadOnlyList<EvaluatedCase> cases, int positive)
    {
        var clusters = Clusters.Of(cases.Select(c => c.Cluster).ToArray());
        var sums = new TotalStatistics(clusters, Columns, (i, row) => Add(cases[i], positive, row));
        var area = new AreaStatistic(clusters, ScoresOf(cases, positive), TruthOf(cases, positive));
        var shares = Array.ConvertAll(Shares, s => (s.Name, s.Hits, s.Of, Handle: sums.Ask(TotalStatistic.Ratio(s.Hits, s.Of))));
        var byPatient = ClusteredBootstrap.Intervals([sums, area]);
        // Lambdas hold no spans.
        var totals = sums.Totals.ToArray();
        int Sum(int[] columns) => columns.Sum(c => (int)totals[c]);
        Figure[] figures =
        [
            .. shares.Select(s => new Figure(s.Name, Wilson.Proportion(Sum(s.Hits), Sum(s.Of)), byPatient[s.Handle])),
            new(Area, RocOf(cases, positive).Area, byPatient[area.Figure]),
        ];
        return new(name, cases.Count, clusters.Count, cases.Count(c => c.Truth == positive), figures);
    }

    public static RocCurve RocOf(IReadOnlyList<EvaluatedCase> cases, int positive) =>
        RocCurve.Of(ScoresOf(cases, positive), TruthOf(cases, positive));

    static void Add(EvaluatedCase one, int positive, Span<double> row)
    {
        row[Right] += one.IsRight ? 1 : 0;
        row[(one.Truth == positive, one.Decided == positive) switch
        {
            (true, true) => TruePositive,
            (true, false) => FalseNegative,
            (false, true) => FalsePositive,
            _ => TrueNegative,
        }]++;
    }

    internal static double[] ScoresOf(IReadOnlyList<EvaluatedCase> cases, int positive) =>
        [.. cases.Select(c => (double)c.Prediction.Probabilities[positive])];

    internal static bool[] TruthOf(IReadOnlyList<EvaluatedCase> cases, int positive) => [.. cases.Select(c => c.Truth == positive)];
}
