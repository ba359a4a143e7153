using System.Runtime.ExceptionServices;
using Bunit;
using CovidCxr.Domain.Runs;
using CovidCxr.Learning.Gate;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Laboratory.Runs;
using CovidCxr.Web.Shared.Security;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Web.Tests.Features.Laboratory.Runs;

/// <summary>Run, comparison and list with the real use cases on a real database and real folders.</summary>
public sealed class TrainingPageTests : ClinicPages
{
    public TrainingPageTests()
    {
        AddAuthorization().SetAuthorized(TestClinic.Admin.UserName).SetPolicies(AccessPolicies.Administer);
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    [Fact]
    public async Task Run_ThatIsDone_ShowsItsReportWithIntervalsAndDownloads()
    {
        var run = await RunRecords.AddAsync(Services, 1, RunState.Done);
        var folder = RunRecords.Folder(Services, run);
        RunRecords.Write(folder, RunRecords.Step(1, 4), RunRecords.Epoch(1, 0.9), RunRecords.Step(2, 4), RunRecords.Epoch(2, 0.7));
        RunRecords.WriteEvaluation(folder);

        var page = OpenRun(run);

        var evaluation = page.WaitForElement("section[aria-label=Evaluation]", Patience);
        Assert.Equal(
            ["sensitivity", "0.800", "0.333–1.000", "0.376–0.964", "5"],
            Cells(evaluation.QuerySelectorAll("table")[0].QuerySelectorAll("tbody tr")[0]));
        Assert.Equal(["specificity", "–", "–", "–", "5"], Cells(evaluation.QuerySelectorAll("table")[0].QuerySelectorAll("tbody tr")[1]));
        Assert.Equal(
            [.. new[] { "report", "evaluation", "scores", "configuration", "checkpoint" }.Select(f => $"training/{run.Id}/files/{f}")],
            evaluation.QuerySelectorAll("a[download]").Select(a => a.GetAttribute("href")));
        Assert.Equal([$"training/{run.Id}/confused/0"], evaluation.QuerySelectorAll("img").Select(i => i.GetAttribute("src")));
        Assert.Equal(["COVID-19", "4", "1"], Cells(evaluation.QuerySelectorAll("caption").Single(
            c => c.TextContent.StartsWith("Confusion", StringComparison.Ordinal)).ParentElement!.QuerySelectorAll("tbody tr")[0]));
        Assert.DoesNotContain("NaN", page.Markup, StringComparison.Ordinal);
        Assert.Equal(["2 best", "1"], page.FindAll("tbody tr td:first-child").Take(2).Select(c => c.TextContent));
    }

    [Theory]
    [InlineData("ReadsNoLungs", "mud-alert-outlined-error", "as it should be")]
    [InlineData("ReadsLungs", "mud-alert-outlined-info", "as it should be")]
    [InlineData(null, "mud-alert-outlined-info", "evaluate the model anew")]
    public async Task Evaluation_OfARegisteredModel_ShowsItsSourcesAndItsLungs(string? verdict, string style, string words)
    {
        var run = await RunRecords.AddAsync(Services, 1, RunState.Done, RunKind.Evaluation);
        RunRecords.WriteEvaluation(RunRecords.Folder(Services, run), verdict: verdict);

        var page = OpenRun(run);
        page.WaitForElement("section[aria-label=Evaluation]", Patience);

        var rows = page.FindAll("caption").Single(c => c.TextContent.StartsWith("Without images seen", StringComparison.Ordinal))
            .ParentElement!.QuerySelectorAll("tbody tr");
        Assert.Equal(["north", "yes", "10", "8", "5", "5", "3"], Cells(rows[0]).Take(7));
        Assert.Equal(["south", "no", "10", "8", "5", "5", "0"], Cells(rows[1]).Take(7));
        Assert.Contains(
            words, page.FindAll($"section[aria-label=Evaluation] .{style}").Single().TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain($"training/{run.Id}/files/checkpoint", page.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("Rate per stage", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ThatChoosesByArea_MarksTheEpochThatWasKeptAsTheComparisonDoes()
    {
        var byArea = await RunRecords.AddAsync(Services, 1, RunState.Done, configuration: RunRecords.ChoosingByArea);
        var byLoss = await RunRecords.AddAsync(Services, 2, RunState.Done);
        foreach (var run in new[] { byArea, byLoss })
        {
            RunRecords.Write(
                RunRecords.Folder(Services, run), RunRecords.Epoch(1, 0.9, area: 0.8, optimised: 1.1),
                RunRecords.Epoch(2, 0.7, area: 0.6, optimised: 1.0));
        }

        var page = OpenRun(byArea);
        Assert.Equal(["2", "1 best"], page.FindAll("tbody tr td:first-child").Take(2).Select(c => c.TextContent));
        Assert.Contains("has the largest validation AUC", page.Markup, StringComparison.Ordinal);
        Assert.Equal(["2", "0.7000", "1.0000"], Cells(page.FindAll("tbody tr")[0]).Take(3));

        var comparison = await CompareAsync($"{byArea.Id},{byLoss.Id}");
        Assert.Equal(
            ["epochs, the one kept", "2, 1", "2, 2"],
            comparison.FindAll("table")[0].QuerySelectorAll("tbody tr").Select(r => Cells(r).Select(c => string.Join(' ', c.Split())))
                .Single(c => c.First().StartsWith("epochs", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task List_EvaluateWithoutAChoice_SaysWhatIsMissing()
    {
        var page = Draw<TrainingPage>(TestClinic.Admin);

        await page.WaitForAssertionAsync(() => Assert.NotEmpty(page.FindAll(".empty")), Patience);
        await page.FindAll("button").Single(b => b.TextContent.Trim() == "Evaluate on another collection").ClickAsync(new());
        await page.Find("section[aria-label='Evaluate a model'] button.mud-button-filled").ClickAsync(new());

        await page.WaitForAssertionAsync(
            () => Assert.Equal("Choose a registered model.", page.Find("[role=alert]").TextContent), Patience);
    }

    [Fact]
    public async Task Run_ThatGoes_ShowsWhereItIsAndTakesAPause()
    {
        var run = await RunRecords.AddAsync(Services, 1, RunState.Running);
        RunRecords.Write(
            RunRecords.Folder(Services, run), RunRecords.Step(1, 1, memory: 611), RunRecords.Step(1, 2, memory: 613, afterSeconds: 2));

        var page = OpenRun(run);

        Assert.Contains(
            "epoch 1/2 · step 2/4 · loss 0.5000 · 8.0 images/s · 613 MB", page.Find(".run-line").TextContent, StringComparison.Ordinal);
        var memory = page.FindAll("canvas").Select(c => c.GetAttribute("aria-label")!)
            .Single(l => l.StartsWith("Memory", StringComparison.Ordinal));
        Assert.Equal("Memory of the training process, MB, resident by epoch. resident 613.0000", memory);
        Assert.DoesNotContain(page.FindAll("figcaption"), c => c.TextContent == "Loss scale");
        await Button(page, "Pause").ClickAsync(new());

        await page.WaitForAssertionAsync(() => Assert.Contains("pausing after this step", page.Markup, StringComparison.Ordinal), Patience);
        await using var db = WebClinic.Context(Services);
        Assert.Equal(RunRequest.Pause, (await db.TrainingRuns.SingleAsync(Cancellation)).Request);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Run_WhoseDatabaseFailedOnce_IsFollowedOn()
    {
        var run = await RunRecords.AddAsync(Services, 1, RunState.Running);
        var page = OpenRun(run);
        await using var db = WebClinic.Context(Services);
        var failed = new TaskCompletionSource();
        EventHandler<FirstChanceExceptionEventArgs> notice = (_, e) =>
        {
            if (e.Exception is SqliteException && e.Exception.Message.Contains("RetrainingRuns", StringComparison.Ordinal))
            {
                failed.TrySetResult();
            }
        };
        AppDomain.CurrentDomain.FirstChanceException += notice;
        await db.Database.ExecuteSqlRawAsync("ALTER TABLE RetrainingRuns RENAME TO Elsewhere", Cancellation);
        await failed.Task.WaitAsync(Patience, Cancellation);
        AppDomain.CurrentDomain.FirstChanceException -= notice;
        await db.Database.ExecuteSqlRawAsync("ALTER TABLE Elsewhere RENAME TO RetrainingRuns", Cancellation);

        RunRecords.Write(RunRecords.Folder(Services, run), RunRecords.Step(1, 2));

        await page.WaitForAssertionAsync(
            () => Assert.Contains("step 2/4", page.Find(".run-line").TextContent, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public async Task Run_InHalfPrecision_ShowsItsLossScale()
    {
        var run = await RunRecords.AddAsync(Services, 1, RunState.Running);
        RunRecords.Write(RunRecords.Folder(Services, run), RunRecords.Step(1, 1, scale: 65536));

        Assert.Contains(
            "factor by epoch. loss scale 65536", string.Join("|", OpenRun(run).FindAll("canvas").Select(c => c.GetAttribute("aria-label"))),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ThatFailed_SaysWhyInWords()
    {
        var run = await RunRecords.AddAsync(Services, 1, RunState.Failed, message: "Memory ran out again, with batches of 8.");

        var page = OpenRun(run);

        Assert.Equal("Memory ran out again, with batches of 8.", page.Find(".mud-alert-outlined-error").TextContent);
        Assert.All(page.FindAll(".page-head button"), b => Assert.True(b.HasAttribute("disabled")));
        Assert.Empty(page.FindAll("section[aria-label=Evaluation]"));
    }

    [Fact]
    public async Task CrossValidation_ThatGoes_ShowsWhichFoldOfHowMany()
    {
        var run = await RunRecords.AddAsync(Services, 1, RunState.Running, RunKind.CrossValidation);
        RunRecords.Write(
            RunRecords.Folder(Services, run), new(default, Fold: new(1, 3)), RunRecords.Step(1, 4), RunRecords.Epoch(1, 0.9),
            new(default, Fold: new(2, 3)), RunRecords.Step(1, 1), RunRecords.Epoch(1, 0.8));

        var page = OpenRun(run);

        Assert.Contains("fold 2 of 3 · epoch 1/2 · step 1/4", page.Find(".run-line").TextContent, StringComparison.Ordinal);
        Assert.Contains("fold 1 0.9000, fold 2 0.8000", page.FindAll("canvas")[0].GetAttribute("aria-label"), StringComparison.Ordinal);
        Assert.Single(page.FindAll("tbody tr"));
        Assert.True(Button(page, "Stop, keep the best").HasAttribute("disabled"));
        Assert.False(Button(page, "Pause").HasAttribute("disabled"));
    }

    [Fact]
    public async Task CrossValidation_ThatIsDone_ShowsEveryFoldAndPooledWithIntervals()
    {
        var run = await RunRecords.AddAsync(Services, 1, RunState.Done, RunKind.CrossValidation);
        RunRecords.WriteCrossValidation(RunRecords.Folder(Services, run));

        var page = OpenRun(run);

        var rows = page.FindAll("section[aria-label=Cross-validation] table")[0].QuerySelectorAll("tbody tr");
        Assert.Equal(
            ["sensitivity", "0.7000.333–1.000", "0.8000.333–1.000", "0.9000.333–1.000", "0.8000.550–1.000", "0.8000.333–1.000"],
            Cells(rows[0]));
        Assert.Equal(["specificity", "–", "–", "–", "–", "–"], Cells(rows[1]));
        Assert.Contains($"training/{run.Id}/files/crossValidation", page.FindAll("a[download]").Select(a => a.GetAttribute("href")));
    }

    [Fact]
    public async Task Run_WhoseVersionTheGateRefuses_SaysSoAndLeadsToIt()
    {
        var run = await RunRecords.AddAsync(Services, 1, RunState.Done);
        await using var db = WebClinic.Context(Services);
        var version = await db.ModelVersions.FirstAsync(Cancellation);
        db.GateResults.Add(new()
        {
            ModelVersionId = version.Id,
            RunId = run.Id,
            Evidence = TestModels.Evidence(version.Sha256, GateVerdict.Refused),
        });
        await db.SaveChangesAsync(Cancellation);
        await db.TrainingRuns.ExecuteUpdateAsync(s => s.SetProperty(r => r.ModelVersionId, version.Id), Cancellation);

        var page = OpenRun(run);

        await page.WaitForAssertionAsync(
            () => Assert.Contains(
                "It cannot be promoted. The gate refuses this version.", page.Find(".mud-alert-outlined-error").TextContent,
                StringComparison.Ordinal),
            Patience);
        Assert.Equal($"models/{version.Id}/gate", page.Find(".mud-alert-outlined-error a").GetAttribute("href"));
    }

    [Fact]
    public void Run_OfNobody_SaysSo() => Assert.Contains(
        "There is no such run.", Draw<RunPage>(TestClinic.Admin, p => p.Add(r => r.Id, Guid.NewGuid())).Markup, StringComparison.Ordinal);

    [Fact]
    public async Task Compare_OfTwoRuns_ShowsTheirFiguresAndOnlyWhatDiffers()
    {
        var first = await RunRecords.AddAsync(Services, 1, RunState.Done);
        var second = await RunRecords.AddAsync(Services, 2, RunState.Done, configuration: """{"schedule":{"maxRate":0.005},"epochs":2}""");
        RunRecords.Write(RunRecords.Folder(Services, first), RunRecords.Epoch(1, 0.9), RunRecords.Epoch(2, 0.7));
        RunRecords.WriteEvaluation(RunRecords.Folder(Services, first));

        var page = await CompareAsync($"{first.Id},{second.Id}");

        Assert.Equal(
            ["measured on", "validation, 10 images", "not measured"], Cells(page.FindAll("table")[0].QuerySelectorAll("tbody tr")[0]));
        Assert.Equal(["sensitivity", "0.8000.333–1.000", "–"], Cells(page.FindAll("table")[0].QuerySelectorAll("tbody tr")[1]));
        Assert.Equal(["schedule.maxRate", "0.01", "0.005"], Cells(Assert.Single(page.FindAll("table")[1].QuerySelectorAll("tbody tr"))));
        Assert.Contains("run 1 0.7000, run 2 no value yet", page.FindAll("canvas")[0].GetAttribute("aria-label"), StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page.Markup, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense,,")]
    public async Task Compare_OfLessThanTwo_SaysWhatToDo(string runs) =>
        Assert.Contains("Choose two or more runs", (await CompareAsync(runs)).Find(".empty").TextContent, StringComparison.Ordinal);

    [Fact]
    public async Task Training_WithRunsOfEveryKind_ComparesTrainingsAlone()
    {
        var runs = new List<TrainingRun>();
        foreach (var kind in Enum.GetValues<RunKind>())
        {
            runs.Add(await RunRecords.AddAsync(Services, runs.Count + 1, RunState.Done, kind));
        }

        var page = Draw<TrainingPage>(TestClinic.Admin);
        await page.WaitForAssertionAsync(() => Assert.Equal(4, page.FindAll("tbody tr").Count), Patience);

        Assert.Equal(
            [
                "Evaluation: resnet18 on films 4", "Cross-validation: resnet18 on films 3", "Range test: resnet18 on films 2",
                "resnet18 on films 1",
            ],
            page.FindAll("tbody a").Select(a => a.TextContent));
        Assert.Equal("Compare run 1", Assert.Single(page.FindAll("input[type=checkbox]")).GetAttribute("aria-label"));
        await page.Find("input[type=checkbox]").ChangeAsync(new() { Value = true });
        Assert.Equal($"training/compare?runs={runs[0].Id}", page.Find("a.mud-button-root").GetAttribute("href"));
    }

    IRenderedComponent<RunPage> OpenRun(TrainingRun run)
    {
        var page = Draw<RunPage>(TestClinic.Admin, p => p.Add(r => r.Id, run.Id));
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll(".page-head")), Patience);
        return page;
    }

    async Task<IRenderedComponent<ComparePage>> CompareAsync(string runs)
    {
        Go($"/training/compare?runs={runs}");
        var page = Draw<ComparePage>(TestClinic.Admin);
        await page.WaitForAssertionAsync(() => Assert.DoesNotContain("Loading…", page.Markup, StringComparison.Ordinal), Patience);
        return page;
    }

    static AngleSharp.Dom.IElement Button(IRenderedComponent<RunPage> page, string name) =>
        page.FindAll("button").Single(b => b.TextContent == name);

    static string[] Cells(AngleSharp.Dom.IElement row) => [.. row.QuerySelectorAll("th, td").Select(c => c.TextContent.Trim())];
}
