using System.Text.Json;
using CovidCxr.Statistics.Agreement;
using CovidCxr.Statistics.Resampling;
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
    public void TwoRaters_OfAnyTable_AgreeAsStatsmodelsAndIrrCacSay(AgreementWeights weights) =>
        Assert.All(Golden.GetProperty("pairs").EnumerateArray(), row =>
        {
            var table = PairTable.Of(row.GetProperty("table").Ints());
            double[] cells = [.. table.Counts];

            Close.To(row.GetProperty("kappa").GetProperty(weights.ToString()), CohenKappa.Of(table, weights));
            Close.To(row.GetProperty("gwet").GetProperty(weights.ToString()), GwetAgreement.Of(table, weights));
            Close.To(CohenKappa.Of(table, weights).Value, CohenKappa.Statistic(table.Categories, weights).Value(cells));
            Close.To(GwetAgreement.Of(table, weights).Value, GwetAgreement.Statistic(table.Categories, weights).Value(cells));
        });

    [Theory]
    [InlineData(AgreementWeights.Identity, "identity")]
    [InlineData(AgreementWeights.Quadratic, "quadratic")]
    public void SeveralRaters_WithAndWithoutGaps_AgreeAsIrrCacSays(AgreementWeights weights, string key) =>
        Assert.All(Golden.GetProperty("several").EnumerateArray(), row =>
        {
            Close.To(row.GetProperty(key).GetProperty("fleiss"), FleissKappa.Of(Table(row), weights));
            Close.To(row.GetProperty(key).GetProperty("gwet"), GwetAgreement.Of(Table(row), weights));
        });

    [Fact]
    public void Alpha_WithAndWithoutGaps_IsKrippendorffs() =>
        Assert.All(Golden.GetProperty("several").EnumerateArray(), row =>
        {
            Close.To(row.GetProperty("nominal").GetDouble(), KrippendorffAlpha.Of(Table(row)).Value);
            Close.To(row.GetProperty("ordinal").GetDouble(), KrippendorffAlpha.Of(Table(row), MeasurementLevel.Ordinal).Value);
        });

    [Fact]
    public void RaterAgreement_ByBootstrap_HasTheValuesOfTheClosedForms() =>
        Assert.All(Golden.GetProperty("several").EnumerateArray(), row =>
        {
            var table = Table(row);

            var a = RaterAgreement.Of(Clusters.Single(table.Cases), table, new() { Resamples = 400 }, TestContext.Current.CancellationToken);

            Close.To(row.GetProperty("identity").GetProperty("observed").GetDouble(), a.Observed.Value);
            Close.To(FleissKappa.Of(table).Value, a.Fleiss.Value);
            Close.To(GwetAgreement.Of(table).Value, a.Ac1.Value);
            Close.To(KrippendorffAlpha.Of(table).Value, a.Alpha.Value);
            Close.To(KrippendorffAlpha.Of(table, MeasurementLevel.Ordinal).Value, a.OrdinalAlpha.Value);
            Assert.True(a.Alpha.Lower < a.Alpha.Value && a.Alpha.Value < a.Alpha.Upper);
            Assert.All([a.Observed, a.Fleiss, a.Ac1, a.Alpha, a.OrdinalAlpha], e => Assert.Equal(table.RatedTwice, e.Count));
        });

    [Fact]
    public void PairAgreement_ByBootstrap_IsNearTheAsymptoticInterval()
    {
        var random = new Random(4);
        int[] first = [.. Enumerable.Range(0, 600).Select(_ => random.Next(3))];
        int[] second = [.. first.Select(f => random.NextDouble() < 0.7 ? f : random.Next(3))];

        var a = PairAgreement.Of(Clusters.Single(600), first, second, 3, cancellation: TestContext.Current.CancellationToken);

        var asymptotic = CohenKappa.Of(a.Table);
        Close.To(asymptotic.Value, a.Kappa.Value);
        Assert.Equal(asymptotic.Lower!.Value, a.Kappa.Lower!.Value, 0.01);
        Assert.Equal(asymptotic.Upper!.Value, a.Kappa.Upper!.Value, 0.01);
        Close.To(a.Table.Observed.Value, a.Observed.Value);
        Close.To(CohenKappa.Of(a.Table, AgreementWeights.Linear).Value, a.LinearKappa.Value);
        Close.To(CohenKappa.Of(a.Table, AgreementWeights.Quadratic).Value, a.QuadraticKappa.Value);
        Close.To(GwetAgreement.Of(a.Table).Value, a.Ac1.Value);
    }

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
    public void Coefficients_WithoutCases_SayWhy()
    {
        var none = PairTable.Of([], [], 2);
        var gaps = RatingTable.Of([[0, null], [null, null], []], 2);

        Assert.Equal(Estimate.Undefined(0, "no cases"), CohenKappa.Of(none));
        Assert.Equal(Estimate.Undefined(0, "no cases"), none.Observed);
        Assert.Equal(Estimate.Undefined(0, "no case has two ratings"), GwetAgreement.Of(none));
        Assert.Equal(Estimate.Undefined(0, "no case has two ratings"), FleissKappa.Of(gaps));
        Assert.Equal(Estimate.Undefined(0, "no case has two ratings"), KrippendorffAlpha.Of(gaps));
    }

    [Fact]
    public void Coefficients_OfOneCategory_AreUndefinedButForAc1()
    {
        var table = PairTable.Of([12, 0, 0, 0]);
        var ratings = RatingTable.Of([[1, 1], [1, 1, 1]], 3);

        Assert.Equal("both always chose the same category", CohenKappa.Of(table).Method);
        Assert.Equal(new(1, null, null, 12, "no interval: these cases show no variance"), GwetAgreement.Of(table));
        Assert.Equal("only one category was used", FleissKappa.Of(ratings).Method);
        Assert.Equal(Estimate.Undefined(2, "only one category was used"), KrippendorffAlpha.Of(ratings));
    }

    [Fact]
    public void Coefficients_OfPerfectAgreement_DoNotPretendCertainty() =>
        Assert.All([CohenKappa.Of(PairTable.Of([5, 0, 0, 9])), GwetAgreement.Of(PairTable.Of([5, 0, 0, 9])), FleissKappa.Of(RatingTable.Of([[0, 0], [1, 1]], 2))], e =>
        {
            Close.To(1, e.Value);
            Assert.Null(e.Lower);
        });

    [Fact]
    public void Tables_OfImpossibleRatings_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => PairTable.Of([2], [0], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => PairTable.Of([0], [-1], 2));
        Assert.Throws<ArgumentException>(() => PairTable.Of([0, 1], [0], 2));
        Assert.Throws<ArgumentException>(() => PairTable.Of([1, 2, 3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => RatingTable.Of([[0, 2]], 2));
        Assert.Throws<ArgumentException>(() => RaterAgreement.Of(Clusters.Single(2), RatingTable.Of([[0, 1]], 2), cancellation: TestContext.Current.CancellationToken));
    }

    static RatingTable Table(JsonElement row) => RatingTable.Of(
        row.GetProperty("ratings").EnumerateArray().Select(r => (IReadOnlyList<int?>)[.. r.EnumerateArray().Select(v => (int?)v.Optional())]),
        row.GetProperty("categories").GetInt32());
}
