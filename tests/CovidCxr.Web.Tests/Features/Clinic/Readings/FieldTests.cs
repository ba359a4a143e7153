using Bunit;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Readings;
using CovidCxr.Web.Features.Clinic.Readings;

namespace CovidCxr.Web.Tests.Features.Clinic.Readings;

public class FieldTests : BunitContext
{
    [Theory]
    [InlineData("1", Opinion.Covid19)]
    [InlineData("2", Opinion.OtherPneumonia)]
    [InlineData("3", Opinion.OtherFinding)]
    [InlineData("4", Opinion.Normal)]
    [InlineData("5", Opinion.Indeterminate)]
    public void OpinionKey_Pressed_ChoosesThatOpinion(string key, Opinion opinion)
    {
        var draft = new ReadingDraft();
        var fields = Render<OpinionFields>(p => p.Add(c => c.Draft, draft));

        fields.Find($"input[data-key='{key}']").Change(true);

        Assert.Equal(opinion, draft.Opinion);
        Assert.True(fields.Find($"input[data-key='{key}']").HasAttribute("checked"));
    }

    [Fact]
    public void Confidence_Untouched_IsNone()
    {
        var draft = new ReadingDraft();
        var fields = Render<OpinionFields>(p => p.Add(c => c.Draft, draft));

        Assert.Null(draft.Confidence);
        Assert.Empty(fields.FindAll("input[name=confidence][checked]"));
        fields.Find("input[data-key='Shift+5']").Change(true);

        Assert.Equal(5, draft.Confidence);
        Assert.Equal("certain", fields.Find("output").TextContent);
    }

    [Fact]
    public void Note_Typed_IsKept()
    {
        var draft = new ReadingDraft();
        var fields = Render<OpinionFields>(p => p.Add(c => c.Draft, draft));

        fields.Find("textarea").Change("Tube in place.");

        Assert.Equal("Tube in place.", draft.Note);
        Assert.Equal("4000", fields.Find("textarea").GetAttribute("maxlength"));
    }

    [Theory]
    [InlineData("y", true, null)]
    [InlineData("d", false, null)]
    [InlineData("u", null, true)]
    [InlineData("v", null, false)]
    public void VerdictKey_Pressed_AnswersItsQuestion(string key, bool? agrees, bool? useful)
    {
        var draft = new ReadingDraft();
        var fields = Render<VerdictFields>(p => p.Add(c => c.Draft, draft));

        fields.Find($"input[data-key='{key}']").Change(true);

        Assert.Equal((agrees, useful), (draft.Agrees, draft.HeatMapUseful));
    }

    [Fact]
    public void Fields_Disabled_AreClosedAsAWhole()
    {
        var opinion = Render<OpinionFields>(p => p.Add(c => c.Draft, new()).Add(c => c.Disabled, true));
        var verdict = Render<VerdictFields>(p => p.Add(c => c.Draft, new()).Add(c => c.Disabled, true));

        Assert.All(opinion.FindAll("fieldset, textarea").Concat(verdict.FindAll("fieldset")), e => Assert.True(e.HasAttribute("disabled")));
    }

    [Fact]
    public void ReadingList_WithACorrection_KeepsAndMarksTheOneBefore()
    {
        ReadingView[] readings =
        [
            ReadingData.Reading(ReadingStage.Blind, Opinion.Normal, minute: 0),
            ReadingData.Reading(ReadingStage.Final, Opinion.Covid19, minute: 1, agrees: true, isSuperseded: true),
            ReadingData.Reading(ReadingStage.Final, Opinion.OtherPneumonia, minute: 2, agrees: false, note: "Lobar <b>"),
        ];

        var list = Render<ReadingList>(p => p.Add(c => c.Title, "Your readings").Add(c => c.Readings, readings));
        var rows = list.FindAll("li");

        Assert.Equal(["Other pneumonia", "COVID-19", "Normal"], rows.Select(r => r.QuerySelector("b")!.TextContent));
        Assert.Equal([null, "superseded", null], rows.Select(r => r.GetAttribute("class")));
        Assert.Contains("corrected since", rows[1].TextContent, StringComparison.Ordinal);
        Assert.Contains("disagrees", rows[0].TextContent, StringComparison.Ordinal);
        Assert.Equal("Lobar <b>", rows[0].QuerySelector("p")!.TextContent);
    }
}
