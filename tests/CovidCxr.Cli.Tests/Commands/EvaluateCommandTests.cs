using System.Text.Json;

namespace CovidCxr.Cli.Tests.Commands;

[Collection(nameof(TrainedModel))]
[Trait("Speed", "Slow")]
public sealed class EvaluateCommandTests(TrainedModel trained)
{
    [Fact]
    public async Task Evaluate_Json_PrintsOneDocumentAndNothingElse()
    {
        var result = await CommandLine.RunAsync("evaluate", "--model", trained.Model, "--data", trained.Data, "--json");
        Assert.Equal((0, ""), (result.Code, result.Error));
        using var document = JsonDocument.Parse(result.Output);
        var root = document.RootElement;
        Assert.Equal("test", root.GetProperty("part").GetString());
        Assert.Equal(4, root.GetProperty("overall").GetProperty("images").GetInt32());
        Assert.Equal("Decision support, never a diagnosis.", root.GetProperty("note").GetString());
        Assert.DoesNotContain("WARNING", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_DataThatChanged_SaysSo()
    {
        var films = Path.Combine(trained.Data, "films", "COVID-19");
        var (film, aside) = (Directory.EnumerateFiles(films).Order().First(), Path.Combine(trained.Data, "aside.png"));
        File.Move(film, aside);
        try
        {
            var result = await CommandLine.RunAsync("evaluate", "--model", trained.Model, "--data", trained.Data);
            Assert.Equal(0, result.Code);
            Assert.Contains("WARNING: the images or their division are not those of the training", result.Output, StringComparison.Ordinal);
        }
        finally
        {
            File.Move(aside, film);
        }
    }

    [Fact]
    public async Task Evaluate_Figures_StandByPatientFirstAndAreToldApart()
    {
        var result = await CommandLine.RunAsync("evaluate", "--model", trained.Model, "--data", trained.Data);
        var rows = result.Output.Split('\n').Where(l => l.StartsWith("  ", StringComparison.Ordinal)).Select(l => l.Trim()).ToList();
        Assert.StartsWith("accuracy, by patient ", rows[0], StringComparison.Ordinal);
        Assert.StartsWith("accuracy, by image ", rows[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_AllParts_LeavesTheTrainingImagesOut()
    {
        var result = await CommandLine.RunAsync("evaluate", "--model", trained.Model, "--data", trained.Data, "--part", "all");
        Assert.Equal(0, result.Code);
        Assert.Contains("All parts together", result.Output, StringComparison.Ordinal);
        Assert.Contains("12 images that were seen in training are left out of every figure", result.Output, StringComparison.Ordinal);
        Assert.Contains("Divided by patient, seed 7", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_Report_IsOneFileWithoutScriptOrPatientsImages()
    {
        var path = Path.Combine(trained.Data, "report.html");
        var result = await CommandLine.RunAsync("evaluate", "--model", trained.Model, "--data", trained.Data, "--report", path);
        Assert.Equal(0, result.Code);
        var page = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        Assert.Contains("Decision support, never a diagnosis.", page, StringComparison.Ordinal);
        Assert.Equal(3, page.Split("<svg").Length - 1);
        Assert.All(["<script", "<link", "<img", "http://", "https://", "@import"], s =>
            Assert.DoesNotContain(s, page, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
        // Well-formed but for the doctype and the two void elements of the head.
        var body = page[page.IndexOf("<body>", StringComparison.Ordinal)..page.IndexOf("</html>", StringComparison.Ordinal)];
        Assert.NotEmpty(System.Xml.Linq.XElement.Parse(body).Descendants("table"));
    }

    [Fact]
    public async Task Evaluate_ReportWithImages_CarriesThemOnlyThen()
    {
        var path = Path.Combine(trained.Data, "images.html");
        await CommandLine.RunAsync("evaluate", "--model", trained.Model, "--data", trained.Data, "--report", path, "--images");
        var page = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(4, page.Split("src=\"data:image/png;base64,").Length - 1);

        var refused = await CommandLine.RunAsync("evaluate", "--model", trained.Model, "--data", trained.Data, "--images");
        Assert.NotEqual(0, refused.Code);
        Assert.Contains("--images needs --report", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_OtherDataSet_TakesAllAsTestAndFindsWhatWasTrainedOn()
    {
        var (all, _) = trained.WriteSource("elsewhere");
        var config = trained.Write("other.json", "elsewhere");
        var result = await CommandLine.RunAsync("evaluate", "--model", trained.Model, "--data", trained.Data, "--config", config, "--json");
        Assert.Equal(0, result.Code);
        using var document = JsonDocument.Parse(result.Output);
        // Half of the 24 films were trained on; the copies of the others and the six new ones are fresh.
        Assert.Equal(12, document.RootElement.GetProperty("seenInTraining").GetArrayLength());
        Assert.Equal(all - 12, document.RootElement.GetProperty("overall").GetProperty("images").GetInt32());
        Assert.False(document.RootElement.GetProperty("bySource")[0].GetProperty("wasTrainedOn").GetBoolean());
        Assert.StartsWith(
            $"12 of {all} images stand among the training images of the model, or of one that it started from, as equal pixels or near "
                + "duplicates",
            document.RootElement.GetProperty("statements")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_Scores_HasALineForEveryImageWithWhatWasSeen()
    {
        var path = Path.Combine(trained.Data, "scores.csv");
        var result = await CommandLine.RunAsync(
            "evaluate", "--model", trained.Model, "--data", trained.Data, "--part", "all", "--scores", path);
        Assert.Equal(0, result.Code);
        var lines = await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal("path,source,patient,truth,decided,probability of COVID-19,probability of Other,seen", lines[0]);
        Assert.Equal((25, 12), (lines.Length, lines.Count(l => l.EndsWith(",1", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Evaluate_ClassThatTheModelLacks_IsRefusedByName()
    {
        var config = trained.Write("strange.json", "films", negative: "Tuberculosis");
        var result = await CommandLine.RunAsync("evaluate", "--model", trained.Model, "--data", trained.Data, "--config", config);
        Assert.Equal((1, ""), (result.Code, result.Output));
        Assert.Equal("The configuration has the class 'Tuberculosis'; the model knows COVID-19, Other.", result.Error.TrimEnd());
    }

    [Fact]
    public async Task Evaluate_FileThatIsNoModel_IsRefused()
    {
        var result = await CommandLine.RunAsync("evaluate", "--model", trained.Config, "--data", trained.Data);
        Assert.Equal((1, ""), (result.Code, result.Output));
        Assert.NotEmpty(result.Error);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }
}
