using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Gate;
using CovidCxr.Statistics;
using CovidCxr.Statistics.Resampling;
using CovidCxr.Testing;

namespace CovidCxr.Learning.Tests.Gate;

/// <summary>What a stored header and stored results of the gate say against a version.</summary>
public class ModelWarningsTests
{
    const string Bootstrap = "clustered bootstrap (percentile), 2000 resamples of 34 clusters", Sha256 = "6a";

    static string Header(params MeasuredFigure[] figures) => (TestHeader.Of() with { Metrics = figures }).ToJson();

    static MeasuredFigure Kept(double value, double? lower, double? upper, string method = Bootstrap) =>
        new("the same with the lungs blacked out, paired", ModelWarnings.KeptFigure, value, lower, upper, 60, method);

    static ModelWarnings OfLungs(params MeasuredFigure[] figures) => ModelWarnings.Of(Header(figures), Sha256, [Result("Passed")]);

    static ModelWarning? OfGate(params string[] results) => ModelWarnings.Of(Header(Kept(0.05, 0, 0.2)), Sha256, results).Gate;

    static string Result(
        string verdict, string check = "border only", string sha256 = Sha256, Estimate? measured = null) => new GateReport(
        new("m", "resnet18", sha256, ["COVID-19", "Other"], "COVID-19", 0.5), "films", "test", 1, 1, GateLimits.Current,
        Enum.Parse<GateVerdict>(verdict), $"{verdict} in all.",
        [new(check, Enum.Parse<GateVerdict>(verdict), "", "", measured), new(ModelGate.RivalCheck, GateVerdict.Refused, "", "")], [],
        default).ToJson();

    [Theory]
    [InlineData(0.1, 0.03, 0.3)]
    [InlineData(0.0, 0.0, 0.05)]
    public void Lungs_WhereAtMostOneCallInTenStays_SayNothing(double value, double lower, double upper) =>
        Assert.Equal(ModelWarnings.None, OfLungs(Kept(value, lower, upper)));

    [Fact]
    public void Lungs_WhereNoCallStaysInAnyResample_SayNothing() =>
        Assert.Null(OfLungs(Kept(0, null, null, ClusteredBootstrap.AllAgree)).Lungs);

    [Fact]
    public void Lungs_WhereMoreStays_SayTheFigureAndItsInterval()
    {
        var warnings = OfLungs(Kept(0.45, 0.2917, 0.5883));

        Assert.Equal("0.45 of its positive calls stay with the lungs blacked out.", warnings.Sentence);
        Assert.Equal(
            "0.45 of its positive calls stay with the lungs blacked out (95% interval 0.29 to 0.59, 60 calls). At most 0.10 may.",
            warnings.Lungs!.Words);
        Assert.True(warnings.Lungs.IsMeasured);
    }

    [Fact]
    public void Lungs_WhereEveryCallStays_SayHowManyCalls() =>
        Assert.Contains("(60 calls)", OfLungs(Kept(1, null, null, ClusteredBootstrap.AllAgree)).Lungs!.Words, StringComparison.Ordinal);

    [Fact]
    public void Lungs_OfGateAndHeader_AreTheWorstThatIsKnown()
    {
        string Measured(double value) =>
            Result("NotKnown", ModelGate.KeptCheck, measured: new(value, value / 2, value * 1.5, 40, Bootstrap));

        Assert.Equal(
            "0.30 of its positive calls stay with the lungs blacked out (95% interval 0.15 to 0.45, 40 calls). At most 0.10 may.",
            ModelWarnings.Of(Header(Kept(0.01, 0, 0.02)), Sha256, [Measured(0.05), Measured(0.3)]).Lungs!.Words);
        Assert.Null(ModelWarnings.Of(Header(), Sha256, [Measured(0.05)]).Lungs);
        var few = Result("NotKnown", ModelGate.KeptCheck, measured: new(1, null, null, 4, "too few patients"));
        Assert.StartsWith(
            "0.45", ModelWarnings.Of(Header(Kept(0.45, 0.3, 0.6)), Sha256, [few, Measured(0.05)]).Lungs!.Short, StringComparison.Ordinal);
        Assert.StartsWith(
            "0.45", ModelWarnings.Of(Header(Kept(0.45, 0.3, 0.6)), Sha256, [Result("Passed")]).Lungs!.Short, StringComparison.Ordinal);
    }

    [Fact]
    public void Lungs_WithoutAFigure_AreNotKnown() => AssertNotKnown(OfLungs().Lungs, "It was not measured.");

    [Fact]
    public void Lungs_OfAFigureThatIsNoShare_AreNotKnown() => AssertNotKnown(OfLungs(Kept(-1, -2, 0)).Lungs, "It was not measured.");

    [Fact]
    public void Lungs_OfTooFewPatientsForAnInterval_AreNotKnown() => AssertNotKnown(
        OfLungs(Kept(0, null, null, "too few clusters for an interval (5 of at least 10)")).Lungs, "It was 0.00 of 60: too few clusters");

    [Fact]
    public void Lungs_OfAHeaderThatCannotBeRead_AreNotKnown() =>
        AssertNotKnown(ModelWarnings.Of("{}", Sha256, [Result("Passed")]).Lungs, "It was not measured.");

    static void AssertNotKnown(ModelWarning? warning, string words)
    {
        Assert.False(warning!.IsMeasured);
        Assert.StartsWith(
            "How many of its positive calls stay with the lungs blacked out is not known.", warning.Words, StringComparison.Ordinal);
        Assert.Contains(words, warning.Words, StringComparison.Ordinal);
    }

    [Fact]
    public void Gate_ThatRefusedOnce_HasRefused_WhateverWasPassedLater()
    {
        var warning = OfGate(Result("Passed"), Result("Refused"), Result("Refused", "calibration"));

        Assert.Equal("The gate has refused this version: border only, calibration.", warning!.Words);
        Assert.Equal(("the gate has refused this version", true), (warning.Short, warning.IsMeasured));
    }

    [Fact]
    public void Gate_ThatPassedAndElsewhereDoesNotKnow_SaysNothing() => Assert.Null(OfGate(Result("NotKnown"), Result("Passed")));

    [Fact]
    public void Gate_ThatDoesNotKnow_HasNotPassedIt() =>
        Assert.Equal("The gate has not passed this version. NotKnown in all.", OfGate(Result("NotKnown"))!.Words);

    [Fact]
    public void Gate_WithoutAResult_HasNotJudgedIt() => Assert.Equal("The gate has not judged this version.", OfGate()!.Words);

    [Fact]
    public void Gate_ThatPassedByEarlierLimitsAlone_HasNotPassedIt()
    {
        var earlier = Result("Passed").Replace(
            $"\"edition\": {GateLimits.Current.Edition}", $"\"edition\": {GateLimits.Current.Edition - 1}", StringComparison.Ordinal);

        Assert.StartsWith(
            "The gate has not passed this version. It passed earlier limits", OfGate(earlier)!.Words, StringComparison.Ordinal);
        Assert.Null(OfGate(earlier, Result("Passed")));
    }

    [Fact]
    public void Gate_WithAResultOfHoles_HasNotPassedIt()
    {
        var holes = System.Text.Json.Nodes.JsonNode.Parse(Result("Refused"))!;
        holes["checks"] = new System.Text.Json.Nodes.JsonArray([null]);

        Assert.StartsWith(
            "The gate has not passed this version. A result of it is damaged", OfGate(holes.ToJsonString())!.Words,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gate_WithADamagedOrAnothersResult_HasNotPassedIt(bool isDamaged)
    {
        var warning = OfGate(Result("Passed"), isDamaged ? "{" : Result("Passed", sha256: "6b"));

        Assert.StartsWith("The gate has not passed this version. A result of it is damaged", warning!.Words, StringComparison.Ordinal);
        Assert.False(warning.IsMeasured);
    }

    [Fact]
    public void Sentence_OfBoth_IsOne() => Assert.Equal(
        "The gate has refused this version, and 0.45 of its positive calls stay with the lungs blacked out.",
        ModelWarnings.Of(Header(Kept(0.45, 0.29, 0.59)), Sha256, [Result("Refused")]).Sentence);
}
