using CovidCxr.Learning.Evaluation;

namespace CovidCxr.Learning.Tests.Evaluation;

public class BlackedOutLungsTests
{
    [Fact]
    public void Of_AModelThatLosesNothing_IsBad()
    {
        // The same scores with and without lungs, and told apart by chance alone: no area is lost although none is above one half.
        var films = Films(40, (i, _) => Noise(i));
        var lungs = BlackedOutLungs.Of(films, films, positive: 0);

        Assert.Equal(LungsVerdict.ReadsNoLungs, lungs.Verdict);
        Assert.StartsWith("BAD", lungs.Reading[lungs.Reading.IndexOf("BAD", StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.DoesNotContain("as it should be", lungs.Reading, StringComparison.Ordinal);
        Assert.Equal((0.0, 1.0), (lungs.AreaLost!.Value!.Value, lungs.PositivesKept!.Value!.Value));
    }

    [Fact]
    public void Of_AModelThatFallsToChance_ReadsLungs()
    {
        var lungs = BlackedOutLungs.Of(Films(40, (i, sick) => sick ? 0.6 + (Noise(i) / 3) : 0.4 - (Noise(i) / 3)), Films(
            40, (i, _) => Noise(i)), positive: 0);

        Assert.Equal(LungsVerdict.ReadsLungs, lungs.Verdict);
        Assert.Equal(
            lungs.Whole[FigureSet.Area].ByImage.Value!.Value - lungs.Blacked[FigureSet.Area].ByImage.Value!.Value,
            lungs.AreaLost!.Value!.Value, 1e-12);
        Assert.True(lungs.AreaLost.Lower > 0);
        Assert.Contains("does not tell the classes apart surely better than chance", lungs.Reading, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_AModelThatStillTellsThemApart_SaysBoth()
    {
        var lungs = BlackedOutLungs.Of(
            Films(60, (i, sick) => sick ? 0.9 + (Noise(i) / 20) : 0.1), Films(60, (i, sick) => (0.7 * Noise(i)) + (sick ? 0.3 : 0)),
            positive: 0);

        Assert.Equal(LungsVerdict.ReadsLungs, lungs.Verdict);
        Assert.Contains("not lungs alone", lungs.Reading, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_PositiveCalls_CountsThoseThatStay()
    {
        // 20 of 40 are called positive with lungs, half of these without.
        var whole = Films(20, (_, sick) => sick ? 0.9 : 0.1);
        var lungs = BlackedOutLungs.Of(whole, Films(20, (i, sick) => sick && i % 2 == 0 ? 0.8 : 0.2), positive: 0);

        Assert.Equal((0.5, 20), (lungs.PositivesKept!.Value!.Value, lungs.PositivesKept.Count));
        Assert.InRange(0.5, lungs.PositivesKept.Lower!.Value, lungs.PositivesKept.Upper!.Value);
    }

    [Fact]
    public void Of_MoreThanOneInTenPositiveCallsThatStay_IsBadWhateverAreaIsLost()
    {
        var whole = Films(40, (_, sick) => sick ? 0.9 : 0.1);
        var lungs = BlackedOutLungs.Of(whole, Films(40, (i, sick) => i % 2 == 0 ? 0.8 : 0.2), positive: 0);

        Assert.Equal((LungsVerdict.ReadsLungs, true), (lungs.Verdict, lungs.IsBad));
        Assert.Contains("Of 40 positive calls 0.50 (", lungs.Reading, StringComparison.Ordinal);
        Assert.Contains("stay positive: BAD, at most 0.1 may.", lungs.Reading, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_NoPositiveCallThatStays_HasTheIntervalOfThatShareAndIsNotBad()
    {
        var lungs = BlackedOutLungs.Of(Films(40, (_, sick) => sick ? 0.9 : 0.1), Films(40, (i, _) => Noise(i) / 2.1), positive: 0);

        Assert.Equal((0.0, "Wilson", false), (lungs.PositivesKept!.Value!.Value, lungs.PositivesKept.Method, lungs.IsBad));
        Assert.InRange(lungs.PositivesKept.Upper!.Value, 0.05, 0.1);
    }

    [Fact]
    public void Of_NoPositiveCallThatStays_OfPatientsWithSeveralFilms_CountsPatients()
    {
        EvaluatedCase[] Of(double sick) =>
            [.. Enumerable.Range(0, 80).Select(i => Cases.Of($"f{i}", i < 40, i < 40 ? sick : 0.1, i < 40 ? i % 10 : i))];

        var kept = BlackedOutLungs.Of(Of(0.9), Of(0.2), positive: 0).PositivesKept!;

        Assert.Equal((0.0, 40, "Wilson, by 10 patients"), (kept.Value, kept.Count, kept.Method));
        // z2 / (n + z2) of 10, and not of 40.
        Assert.Equal(0.2775, kept.Upper!.Value, 4);
    }

    [Fact]
    public void Of_PositiveCallsOfFewPatients_HasNoIntervalForThem()
    {
        var whole = Films(40, (i, sick) => sick && i < 9 ? 0.9 : 0.1);
        var lungs = BlackedOutLungs.Of(whole, whole, positive: 0);

        Assert.Equal((1.0, null), (lungs.PositivesKept!.Value, lungs.PositivesKept.Lower));
        Assert.Contains("9 of at least 10", lungs.PositivesKept.Method, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_MasksThatANetworkFound_SaysHowManyOnTheFigureAndInWords()
    {
        var films = Films(40, (i, _) => Noise(i));
        var lungs = BlackedOutLungs.Of(films, films, positive: 0, found: 70);

        Assert.Equal((10, 70), (lungs.Drawn, lungs.Found));
        Assert.Contains("(10 lung masks drawn, 70 found by the network)", lungs.Blacked.Name, StringComparison.Ordinal);
        Assert.Contains("10 of the masks were drawn by people, 70 found by the network", lungs.Reading, StringComparison.Ordinal);
        Assert.DoesNotContain("found by", BlackedOutLungs.Of(films, films, positive: 0).Reading, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(9, 30)]
    [InlineData(30, 9)]
    [InlineData(12, 0)]
    public void Of_FewPatientsOfAClass_IsTooFewWhateverTheFilms(int sick, int others)
    {
        EvaluatedCase[] films =
        [
            .. Enumerable.Range(0, 4 * sick).Select(i => Cases.Of($"s{i}", true, 0.9, i % sick)),
            .. Enumerable.Range(0, 4 * others).Select(i => Cases.Of($"o{i}", false, 0.1, 100 + (i % others))),
        ];
        var lungs = BlackedOutLungs.Of(films, films, positive: 0);

        Assert.Equal(LungsVerdict.TooFew, lungs.Verdict);
        Assert.Contains($"too few patients with a lung mask ({sick} of the positive class, {others} of others", lungs.Reading,
            StringComparison.Ordinal);
    }

    static double Noise(int i) => i * 37 % 101 / 100.0;

    /// <summary>So many patients of each class, one film each.</summary>
    static EvaluatedCase[] Films(int each, Func<int, bool, double> score) =>
        [.. Enumerable.Range(0, 2 * each).Select(i => Cases.Of($"f{i}", i < each, score(i, i < each), i))];
}
