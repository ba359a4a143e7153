using CovidCxr.Learning.Evaluation;

namespace CovidCxr.Learning.Tests.Evaluation;

public class ImageScoreTests
{
    [Fact]
    public void ToCsv_OfImages_NumbersPatientsAndNamesNone()
    {
        EvaluatedCase[] cases =
            [Cases.Of("films/a.png", true, 0.75, 41), Cases.Of("b.png", false, 0.5, 7), Cases.Of("c.png", true, 0.25, 41)];

        var csv = ImageScore.ToCsv(
            ImageScore.Of(cases, ["COVID-19", "Other"], new HashSet<string> { "b.png" }), ["COVID-19", "Other"]);

        Assert.Equal(
            [
                "path,source,patient,truth,decided,probability of COVID-19,probability of Other,seen",
                "films/a.png,films,1,COVID-19,COVID-19,0.75,0.25,0",
                "b.png,films,2,Other,COVID-19,0.5,0.5,1",
                "c.png,films,1,COVID-19,Other,0.25,0.75,0",
                "",
            ],
            csv.Split("\r\n"));
        Assert.DoesNotContain("patient 41", csv, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"")]
    [InlineData("@films/a.png", "'@films/a.png")]
    [InlineData("-1.png", "'-1.png")]
    public void ToCsv_OfNamesThatAreFormulas_DefusesThem(string name, string cell)
    {
        var score = new ImageScore(name, name, 1, name, name, [1e-9f], false);

        var line = ImageScore.ToCsv([score], [name]).Split("\r\n")[1];

        Assert.Equal($"{cell},{cell},1,{cell},{cell},1E-09,0", line);
    }
}
