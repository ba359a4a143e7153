using System.Text.Json;
using CovidCxr.Statistics.Agreement;
using CovidCxr.Statistics.Resampling;
using CovidCxr.Statistics.Tests.Resampling;
using CovidCxr.Testing;

namespace CovidCxr.Statistics.Tests.Agreement;

/// <summary>Against statsmodels, irrCAC and krippendorff.</summary>
public class GoldenAgreementTests
{
    static readonly JsonElement Golden = GoldenFile.Read("agreement.json");

    [Theory]
    [InlineData(AgreementWeights.Identity)]
    [InlineData(AgreementWeights.Linear)]
    [InlineData(AgreementWeights.Quadratic)]
    public void Kappa_OfAnyTable_IsStatsmodels(AgreementWeights weights) =>
        Assert.All(Golden.GetProperty("pairs").EnumerateArray(), row =>
            Close.To(
                row.GetProperty("kappa").GetProperty(weights.ToString())[0].Optional(),
                Value(CohenKappa.Statistic(Categories(row), weights), row)));

    [Fact]
    public void Ac1_OfAnyTable_IsIrrCacs() =>
        Assert.All(Golden.GetProperty("pairs").EnumerateArray(), row =>
            Close.To(row.GetProperty("gwet").GetProperty("Identity")[0].Optional(), Value(GwetAgreement.Statistic(Categories(row)), row)));

    [Fact]
    public void RaterAgreement_WithAndWithoutGaps_IsIrrCacsAndKrippendorffs() =>
        Assert.All(Golden.GetProperty("several").EnumerateArray(), row =>
        {
            var table = Table(row);

            var a = Agreement(table);

            var identity = row.GetProperty("identity");
            Close.To(identity.GetProperty("observed").GetDouble(), a.Observed.Value);
            Close.To(identity.GetProperty("fleiss")[0].Optional(), a.Fleiss.Value);
            Close.To(identity.GetProperty("gwet")[0].Optional(), a.Ac1.Value);
            Close.To(row.GetProperty("nominal").GetDouble(), a.Alpha.Value);
            Close.To(row.GetProperty("ordinal").GetDouble(), a.OrdinalAlpha.Value);
            Assert.True(a.Alpha.Lower < a.Alpha.Value && a.Alpha.Value < a.Alpha.Upper);
            var ratedTwice = Enumerable.Range(0, table.Cases).Count(i => table[i].ToArray().Sum() >= 2);
            Assert.All([a.Observed, a.Fleiss, a.Ac1, a.Alpha, a.OrdinalAlpha], e => Assert.Equal(ratedTwice, e.Count));
        });

    [Theory]
    [InlineData(MeasurementLevel.Nominal, "nominal")]
    [InlineData(MeasurementLevel.Ordinal, "ordinal")]
    public void Alpha_Alone_IsKrippendorffs(MeasurementLevel level, string key) =>
        Assert.All(Golden.GetProperty("several").EnumerateArray(), row =>
        {
            var table = Table(row);

            var alpha = KrippendorffAlpha.Request(SingleCases.Of(table.Cases), table, level)
                .Resample(Few, TestContext.Current.CancellationToken);

            Close.To(row.GetProperty(key).GetDouble(), alpha.Value);
        });

    [Fact]
    public void McNemar_OfAnyCounts_IsStatsmodels() =>
        Assert.All(Golden.GetProperty("mcnemar").EnumerateArray(), row =>
        {
            var test = McNemar.Of(row.GetProperty("first").GetInt32(), row.GetProperty("second").GetInt32());

            Close.To(row.GetProperty("exact").GetDouble(), test.ExactP);
            // Equal counts: Edwards' correction is cut at 0, where statsmodels squares -1.
            if (test.OnlyFirst != test.OnlySecond)
            {
                Close.To(row.GetProperty("chi").GetDouble(), test.ChiSquared);
                Close.To(row.GetProperty("p").GetDouble(), test.ChiSquaredP);
            }
        });

    [Fact]
    public void McNemar_OfEqualOrNoCounts_FindsNoDifference()
    {
        Assert.Equal(new(5, 5, 1, 0, 1), McNemar.Of(5, 5));
        Assert.Equal(new(0, 0, 1, null, null), McNemar.Of(0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => McNemar.Of(-1, 2));
    }

    [Fact]
    public void Coefficients_WithoutCases_AreUndefined()
    {
        var none = new double[4];
        var gaps = Agreement(Ratings([[0, null], [null, null], []], 2));

        Assert.Null(CohenKappa.Statistic(2).Value(none));
        Assert.Null(GwetAgreement.Statistic(2).Value(none));
        Assert.All(
            [gaps.Observed, gaps.Fleiss, gaps.Ac1, gaps.Alpha], e => Assert.Equal(Estimate.Undefined(0, "not defined by these cases"), e));
    }

    [Fact]
    public void Coefficients_OfOneCategory_AreUndefinedButForAc1()
    {
        double[] table = [12, 0, 0, 0];
        var ratings = Agreement(Ratings([[1, 1], [1, 1, 1]], 3));

        Assert.Null(CohenKappa.Statistic(2).Value(table));
        Assert.Equal(1, GwetAgreement.Statistic(2).Value(table));
        Assert.Null(ratings.Fleiss.Value);
        Assert.Null(ratings.Alpha.Value);
        Assert.Equal((1, 2), (ratings.Ac1.Value, ratings.Alpha.Count));
    }

    [Fact]
    public void Coefficients_OfPerfectAgreement_DoNotPretendCertainty()
    {
        var perfect = Agreement(Ratings([.. Enumerable.Range(0, 20).Select(i => (int?[])[i % 2, i % 2])], 2));

        Assert.All([perfect.Observed, perfect.Fleiss, perfect.Ac1], e =>
        {
            Close.To(1, e.Value);
            Assert.Null(e.Lower);
        });
    }

    [Fact]
    public void Tables_OfImpossibleRatings_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => PairTable.Cell(2, 0, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => PairTable.Cell(0, -1, 2));
        Assert.Throws<ArgumentException>(() => PairTable.Of([1, 2, 3]));
        Assert.Throws<ArgumentException>(() => RaterAgreement.Request(SingleCases.Of(2), Ratings([[0, 1]], 2)));
    }

    [Fact]
    public void PairTable_ByCell_IsThatOfItsCategories()
    {
        var table = PairTable.Of([5, 2, 3, 9]);

        Assert.Equal([5, 2, 3, 9], Enum.GetValues<PairCell>().Select(cell => table[cell]));
        Assert.Equal([5, 2, 3, 9], new[] { (true, true), (true, false), (false, true), (false, false) }.Select(c =>
            table[PairCells.Of(c.Item1, c.Item2)]));
        Assert.Equal([true, false, false, true], Enum.GetValues<PairCell>().Select(cell => cell.IsAgreement()));
    }

    // Counts of 40, 8, 4 and 48, put behind five sums of something else.
    [Fact]
    public void BinaryTable_WhereverItsSumsStand_HasTheFiguresOfItsCells()
    {
        var table = new BinaryTable(5);
        var sums = new TotalStatistics(SingleCases.Of(100), 9, (i, row) =>
        {
            row[i % 5] += i;
            table.Add(i < 40 ? PairCell.Both : i < 48 ? PairCell.OnlyFirst : i < 52 ? PairCell.OnlySecond : PairCell.Neither, row);
        });
        var values = table.PredictiveValuesAt(0.1);
        var handles = new[]
        {
            (0.88, 100, sums.Ask(table.Observed)), ((0.88 - 0.5024) / 0.4976, 100, sums.Ask(table.Kappa)),
            (40 / 44.0, 44, sums.Ask(table.Sensitivity)), (48 / 56.0, 56, sums.Ask(table.Specificity)),
            (40 / 48.0, 48, sums.Ask(table.PositivePredictiveValue)), (48 / 52.0, 52, sums.Ask(table.NegativePredictiveValue)),
            (4 / 44.0 / ((4 / 44.0) + (7.2 / 56)), 100, sums.Ask(values.Positive)),
            (43.2 / 56 / ((43.2 / 56) + (0.4 / 44)), 100, sums.Ask(values.Negative)),
            (0, 44, sums.Ask(table.Sensitivity.Less(table.Sensitivity))),
            ((40 / 44.0) - (48 / 56.0), 44, sums.Ask(table.Sensitivity.Less(table.Specificity))),
        };

        var estimates = ClusteredBootstrap.Intervals([sums], Few, TestContext.Current.CancellationToken);

        Assert.All(handles, h =>
        {
            Close.To(h.Item1, estimates[h.Item3].Value);
            Assert.Equal(h.Item2, estimates[h.Item3].Count);
        });
    }

    static BootstrapPlan Few => new() { Resamples = 400 };

    static RaterAgreement Agreement(RatingTable table) =>
        RaterAgreement.Request(SingleCases.Of(table.Cases), table).Resample(Few, TestContext.Current.CancellationToken);

    static int Categories(JsonElement row) => (int)Math.Sqrt(row.GetProperty("table").GetArrayLength());

    static double? Value(TotalStatistic figure, JsonElement row)
    {
        double[] cells = [.. row.GetProperty("table").Ints()];
        return figure.Value(cells);
    }

    static RatingTable Table(JsonElement row) => Ratings(
        [.. row.GetProperty("ratings").EnumerateArray().Select(r => (int?[])[.. r.EnumerateArray().Select(v => (int?)v.Optional())])],
        row.GetProperty("categories").GetInt32());

    // Every case has a place in the list, also one without ratings.
    static RatingTable Ratings(int?[][] byCase, int categories)
    {
        var places = byCase.SelectMany((ratings, i) => ratings.DefaultIfEmpty().Select(r => (Case: i, Rating: r ?? -1))).ToList();
        return RatingTable.Of(Clusters.Of(places.ConvertAll(p => p.Case)), [.. places.Select(p => p.Rating)], categories);
    }
}
