using Bunit;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Studies;
using CovidCxr.Web.Features.Clinic.Readings;
using MudBlazor.Services;

namespace CovidCxr.Web.Tests.Features.Clinic.Readings;

public class ModelPanelTests : BunitContext
{
    public ModelPanelTests() => Services.AddMudServices();

    IRenderedComponent<ModelPanel> Panel(
        StudyDetail study, PredictionView? prediction = null, bool hidden = false, Action<int>? chosen = null) =>
        Render<ModelPanel>(p => p.Add(c => c.Study, study).Add(c => c.Prediction, prediction).Add(c => c.Hidden, hidden)
            .Add(c => c.Class, prediction?.PredictedIndex ?? 0).Add(c => c.ClassChanged, chosen ?? (_ => { })));

    [Fact]
    public void Result_OfTwoClasses_ShowsProbabilityThresholdModelAndTime()
    {
        var panel = Panel(ReadingData.Study(), ReadingData.Prediction(("Other", 0.09), ("COVID-19", 0.91)));

        Assert.Equal("COVID-19 0.91 at or above the threshold 0.47", Text(panel, ".study-result"));
        Assert.Equal("91", panel.FindAll("rect.share")[1].GetAttribute("width"));
        Assert.Equal("47", panel.Find("rect.threshold").GetAttribute("x"));
        Assert.Equal("models/0198f000-0000-7000-8000-0000000000cc", panel.Find("a").GetAttribute("href"));
        Assert.Equal("densenet169 v4", panel.Find("a").TextContent);
        Assert.Contains("CPU", panel.Markup, StringComparison.Ordinal);
        Assert.Contains("123 ms", panel.Markup, StringComparison.Ordinal);
        Assert.Equal("2026-03-02T12:00:00.0000000+00:00", panel.Find("time").GetAttribute("datetime"));
    }

    [Fact]
    public void Result_OfTheOtherClass_StillSaysWhereThePositiveOneStands()
    {
        var panel = Panel(ReadingData.Study(), ReadingData.Prediction(("Other", 0.81), ("COVID-19", 0.19)));

        Assert.Equal("Other 0.81 COVID-19 0.19, below the threshold 0.47", Text(panel, ".study-result"));
    }

    [Fact]
    public void Result_OfManyClasses_ListsEachAndChoosesTheHeatMap()
    {
        var chosen = -1;
        var panel = Panel(
            ReadingData.Study(), ReadingData.Prediction(("COVID-19", 0.2), ("Pneumonia", 0.7), ("No finding", 0.1)),
            chosen: c => chosen = c);

        Assert.Equal(["COVID-19", "Pneumonia", "No finding"], panel.FindAll(".study-classes label > span").Select(e => e.TextContent));
        Assert.Equal(["0.20", "0.70", "0.10"], panel.FindAll(".study-classes b").Select(e => e.TextContent));
        Assert.True(panel.FindAll(".study-classes input")[1].HasAttribute("checked"));
        panel.FindAll(".study-classes input")[2].Change(true);

        Assert.Equal(2, chosen);
    }

    [Theory]
    [InlineData(null, "Not accepted here")]
    [InlineData(0.47, "Accepted here on 2 March 2026")]
    [InlineData(0.3, "called before that")]
    public void Result_SaysWhetherTheVersionIsAcceptedHere(double? local, string words)
    {
        var answer = ReadingData.Prediction(("Other", 0.09), ("COVID-19", 0.91)) with
        {
            Meaning = new(true, false, 3, CovidCxr.Statistics.Estimate.Undefined(3, "too few")),
            AcceptedHere = local is { } threshold ? new(threshold, ReadingData.Noon, "lead") : null,
        };

        Assert.Contains(words, Text(Panel(ReadingData.Study(), answer), ".study-meaning"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "mud-alert-outlined-error")]
    [InlineData(false, "mud-alert-outlined-warning")]
    public void Result_OfAVersionThatIsWarnedOf_SaysSoInALineWithItsCard(bool isMeasured, string colour)
    {
        var answer = ReadingData.Prediction(("Other", 0.09), ("COVID-19", 0.91)) with
        {
            Warnings = new(
                new("the gate has not passed this version", "Long.", IsMeasured: false),
                new("0.45 of its positive calls stay with the lungs blacked out", "Long.", isMeasured)),
        };

        var panel = Panel(ReadingData.Study(), answer);

        Assert.Equal(
            "The gate has not passed this version, and 0.45 of its positive calls stay with the lungs blacked out. Why: its card",
            Text(panel, ".study-warning"));
        Assert.Contains(colour, panel.Find(".study-warning").ClassList);
        Assert.Equal($"models/{answer.ModelVersionId}", panel.Find(".study-warning a").GetAttribute("href"));
        Assert.DoesNotContain("Long.", panel.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Result_OfAVersionThatNothingSpeaksAgainst_HasNoSuchLine() =>
        Assert.Empty(Panel(ReadingData.Study(), ReadingData.Prediction(("Other", 0.09), ("COVID-19", 0.91))).FindAll(".study-warning"));

    [Theory]
    [InlineData(StudyStatus.Queued, null, "Queued")]
    [InlineData(StudyStatus.Analysing, null, "Analysing")]
    [InlineData(StudyStatus.Withheld, "lateral view", "Withheld: lateral view. No score is given")]
    [InlineData(StudyStatus.Failed, "the image is damaged", "No result: the image is damaged.")]
    public void Status_WithoutResult_IsSaidInWords(StudyStatus status, string? reason, string words)
    {
        var panel = Panel(ReadingData.Study(status, reason));

        Assert.StartsWith(words, panel.Find(".study-state").TextContent.Trim(), StringComparison.Ordinal);
        Assert.Equal("status", panel.Find(".study-model-body").GetAttribute("role"));
    }

    [Theory]
    [InlineData(StudyStatus.Ready)]
    [InlineData(StudyStatus.Withheld)]
    public void Hidden_WhateverTheStatus_SaysOnlyThat(StudyStatus status)
    {
        var panel = Panel(ReadingData.Study(status, "far from the training data"), hidden: true);

        Assert.Equal("Hidden until your own reading is locked.", panel.Find(".study-state").TextContent.Trim());
        Assert.Empty(panel.FindAll("a, svg, b, strong"));
    }

    static string Text(IRenderedComponent<ModelPanel> panel, string selector) =>
        string.Join(' ', panel.Find(selector).TextContent.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
}
