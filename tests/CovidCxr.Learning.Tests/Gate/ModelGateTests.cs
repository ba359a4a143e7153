using CovidCxr.Learning.Data;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Gate;
using CovidCxr.Learning.Tests.Evaluation;
using CovidCxr.Statistics;
using CovidCxr.Statistics.Calibration;

namespace CovidCxr.Learning.Tests.Gate;

/// <summary>What is judged how, from figures that are given.</summary>
public class ModelGateTests
{
    static readonly Estimate Nothing = new(0.5, 0.42, 0.58, 200, "bootstrap");
    static readonly Estimate Much = new(0.9, 0.85, 0.95, 200, "bootstrap");
    static readonly Estimate Wide = new(0.7, 0.55, 0.85, 200, "bootstrap");

    static readonly HonestyFigures Good = new(
        100, new(200, 100, Nothing, new(0.4, 0.35, 0.45, 200, "bootstrap")), new(200, 100, Nothing, Much), Nothing,
        Estimate.Undefined(200, "one source"), [], IsByPatient: true, [],
        new(200, new(0.01, 0, 0.03, 200, "Wilson"), new(0.7, 0.65, 0.75, 200, "bootstrap")));

    static GateReport Judge(HonestyFigures honesty, int each = 100, double? margin = null, BlackedOutLungs? lungs = null)
    {
        EvaluatedCase[] films = [.. Enumerable.Range(0, 2 * each).Select(
            i => Cases.Of($"f{i}", i < each, (i < each ? 0.8 : 0) + (i * 37 % 101 / 510.0), i))];
        return ModelGate.Judge(new(
            new("m", "tiny", "0", ["COVID-19", "Other"], "COVID-19", 0.5), "films", "test", [], [], FigureSet.Of("test", films, 0), [],
            ConfusionMatrix.Of(films, ["COVID-19", "Other"]), RocReport.Of(FigureSet.RocOf(films, 0)),
            ReliabilityDiagram.Of([.. films.Select(f => (double)f.Prediction.Probabilities[0])], [.. films.Select(f => f.Truth == 0)]),
            [new("films", true, FigureSet.Of("films", films, 0))], "", lungs, [], default)
        {
            Honesty = honesty,
        }, margin);
    }

    static GateCheck Check(GateReport report, string name) => report.Checks.Single(c => c.Name == name);

    [Fact]
    public void Judge_OfGoodFigures_PassesAndNamesWhatIsNotKnown()
    {
        var report = Judge(Good);

        Assert.Equal(GateVerdict.Passed, report.Verdict);
        Assert.Contains("lungs blacked out", report.Summary, StringComparison.Ordinal);
        Assert.Equal(GateVerdict.NotKnown, Check(report, "sub-groups").Verdict);
        Assert.Contains("Not recorded: sex, age, view", Check(report, "sub-groups").Finding, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.05, 0.02, 0.1, GateVerdict.Passed)]
    [InlineData(0.05, 0.02, 0.11, GateVerdict.NotKnown)]
    [InlineData(0.2, 0.1, 0.3, GateVerdict.NotKnown)]
    [InlineData(0.2, 0.11, 0.3, GateVerdict.Refused)]
    public void Judge_OfPositiveCallsThatStayWithoutLungs_AllowsOneInTenByTheInterval(
        double kept, double lower, double upper, GateVerdict expected)
    {
        var report = Judge(Good, lungs: Blacked(new(kept, lower, upper, 60, "bootstrap")));

        Assert.Equal(expected, Check(report, "positive calls without lungs").Verdict);
        Assert.Equal(expected == GateVerdict.Refused, report.Verdict == GateVerdict.Refused);
        Assert.Equal((2, 0.1), (report.Limits.Edition, report.Limits.PositivesKept));
    }

    [Fact]
    public void Judge_OfTooFewPositiveCallsOrNoMasks_KnowsNothingOfThoseThatStay()
    {
        var few = Blacked(new(0.9, null, null, 9, "too few patients"));

        Assert.Equal(GateVerdict.NotKnown, Check(Judge(Good, lungs: few), "positive calls without lungs").Verdict);
        Assert.Equal(GateVerdict.NotKnown, Check(Judge(Good), "positive calls without lungs").Verdict);
    }

    static BlackedOutLungs Blacked(Estimate kept)
    {
        var none = FigureSet.Of("films", [Cases.Of("f", true, 0.9, 1)], 0);
        return new(none, none, "") { PositivesKept = kept, Verdict = LungsVerdict.TooFew };
    }

    [Fact]
    public void Judge_OfABorderThatTells_Refuses() =>
        AssertRefused(Good with { BorderOnly = Good.BorderOnly with { Area = Much } }, "border only");

    [Fact]
    public void Judge_OfACentreThatCostsNothing_Refuses() => AssertRefused(
        Good with { CentreCovered = Good.CentreCovered with { AreaLost = new(0.01, -0.01, 0.03, 200, "bootstrap") } }, "centre covered");

    [Fact]
    public void Judge_OfSizesThatTell_Refuses() => AssertRefused(Good with { MetadataArea = Much }, "size and greyness");

    [Fact]
    public void Judge_OfSourcesThatTellAndNoContrastInside_Refuses() => AssertRefused(
        Good with { SourceArea = Much }, "class by source", each: 9);

    [Fact]
    public void Judge_OfSourcesThatTellAndAContrastInside_Passes() =>
        Assert.Equal(GateVerdict.Passed, Check(Judge(Good with { SourceArea = Much }), "class by source").Verdict);

    [Fact]
    public void Judge_OfADivisionByImage_Refuses() => AssertRefused(Good with { IsByPatient = false }, "duplicates and ancestors");

    [Fact]
    public void Judge_OfAnUnknownAncestor_IsNotKnown() => Assert.Equal(
        GateVerdict.NotKnown, Check(Judge(Good with { Unknown = ["Somebody's weights."] }), "duplicates and ancestors").Verdict);

    [Fact]
    public void Judge_OfWideIntervals_IsNotKnown()
    {
        var report = Judge(Good with { MetadataArea = Wide, BorderOnly = Good.BorderOnly with { Area = Wide } });

        Assert.Equal(
            (GateVerdict.NotKnown, GateVerdict.NotKnown),
            (Check(report, "border only").Verdict, Check(report, "size and greyness").Verdict));
    }

    [Fact]
    public void Judge_OfFewPatients_IsNotKnownAsAWhole()
    {
        var few = Good with
        {
            Fewest = 9,
            CentreCovered = Good.CentreCovered with { Fewest = 9 },
            BorderOnly = Good.BorderOnly with { Fewest = 9, Area = Much },
        };

        Assert.Equal(GateVerdict.NotKnown, Judge(few).Verdict);
    }

    [Theory]
    [InlineData(29, 0.9, 0.85, 0.95, GateVerdict.NotKnown)]
    [InlineData(30, 0.9, 0.85, 0.95, GateVerdict.Passed)]
    [InlineData(30, 0.45, 0.3, 0.59, GateVerdict.Refused)]
    [InlineData(30, 0.6, 0.4, 0.8, GateVerdict.NotKnown)]
    public void Judge_OfAGroup_IsNeverGreenUnderThirtyFilms(int films, double area, double lower, double upper, GateVerdict expected)
    {
        var report = Judge(Good with { Groups = [new("sex", "F", films, 15, new(area, lower, upper, films, "bootstrap"))] });

        Assert.Equal(expected, report.Groups.Single(g => g.Figures.Kind == "sex").Verdict);
        Assert.Equal(expected == GateVerdict.Refused, report.Verdict == GateVerdict.Refused);
    }

    [Fact]
    public void Judge_OfAGroupWithOnePatient_IsNotGreen()
    {
        var report = Judge(Good with { Groups = [new("sex", "F", 40, 15, new(0.9, null, null, 40, "too few clusters"))] });

        Assert.Equal(GateVerdict.NotKnown, report.Groups.Single(g => g.Figures.Kind == "sex").Verdict);
    }

    [Theory]
    [InlineData(-0.02, -0.04, GateVerdict.Passed)]
    [InlineData(-0.02, -0.06, GateVerdict.NotKnown)]
    public void Judge_BesideTheActiveModel_LooksAtTheLowerBound(double gained, double lower, GateVerdict expected)
    {
        Estimate estimate = new(gained, lower, 0.02, 200, "bootstrap");
        var report = Judge(Good with { Rival = new("a", "1", 200, 100, new(0.01, -0.01, 0.03, 200, "bootstrap"), estimate) });

        Assert.Equal((expected, "1"), (Check(report, ModelGate.RivalCheck).Verdict, report.RivalSha256));
    }

    [Theory]
    [InlineData(null, GateVerdict.Passed, 0.05)]
    [InlineData(0.03, GateVerdict.NotKnown, 0.03)]
    [InlineData(0.5, GateVerdict.Passed, 0.05)]
    public void Judge_ByAPlannedMargin_TakesANarrowerOneAndNeverAWiderOne(double? margin, GateVerdict expected, double recorded)
    {
        Estimate estimate = new(-0.02, -0.04, 0.02, 200, "bootstrap");
        var report = Judge(Good with { Rival = new("a", "1", 200, 100, estimate, estimate) }, margin: margin);

        Assert.Equal((expected, recorded), (Check(report, ModelGate.RivalCheck).Verdict, report.Limits.Margin));
    }

    [Fact]
    public void Judge_OfAnInferiorModel_RefusesThatCheckAndNotTheModelForGood()
    {
        Estimate worse = new(-0.2, -0.25, -0.15, 200, "bootstrap");
        var report = Judge(Good with { Rival = new("a", "1", 200, 100, worse, worse) });

        Assert.Equal((GateVerdict.Refused, GateVerdict.Passed), (Check(report, ModelGate.RivalCheck).Verdict, report.Verdict));
    }

    [Fact]
    public void FromJson_OfAReport_IsTheSame()
    {
        var report = Judge(Good with { Groups = [new("sex", "F", 40, 15, Much)] });

        Assert.Equal(report.ToJson(), GateReport.FromJson(report.ToJson()).ToJson());
    }

    [Theory]
    [InlineData("17", "under 18")]
    [InlineData("18", "18 to 39")]
    [InlineData("80.0", "80 and over")]
    [InlineData("old", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void AgeBand_OfACell_IsABandOrNothing(string? cell, string? expected) => Assert.Equal(expected, PatientTraits.AgeBand(cell));

    [Fact]
    public void SourceAreaOf_TwoSourcesOfOneClassEach_TellsAll()
    {
        Sample[] samples = [.. Enumerable.Range(0, 60).Select(i => Of(i, i < 30, i < 30 ? "here" : "there"))];

        Assert.Equal(1, HonestyFigures.SourceAreaOf(samples, 0).Value);
        Assert.Null(HonestyFigures.SourceAreaOf([.. samples.Take(30)], 0).Value);
    }

    static Sample Of(int i, bool isSick, string source) => new(
        new(new($"f{i}", "c", $"{i}", source), $"{i}", default, new CachedPixels([]), 1, 1, default), isSick ? 0 : 1, i, DataPart.Test);

    static void AssertRefused(HonestyFigures honesty, string check, int each = 100)
    {
        var report = Judge(honesty, each);

        Assert.Equal((GateVerdict.Refused, GateVerdict.Refused), (Check(report, check).Verdict, report.Verdict));
        Assert.Contains(check, report.Summary, StringComparison.Ordinal);
    }
}
