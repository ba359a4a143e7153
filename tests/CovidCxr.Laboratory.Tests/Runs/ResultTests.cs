using System.Text.Json;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Laboratory.Runs;
using CovidCxr.Laboratory.Tests.DataSets;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Evaluation;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Tests.Runs;

/// <summary>What runs leave behind: the evaluation, the comparison, the downloads.</summary>
[Trait("Speed", "Slow")]
public sealed class ResultTests(FinishedRuns runs) : IClassFixture<FinishedRuns>
{
    static readonly Actor Admin = DataSetBench.Admin;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    GetEvaluation Evaluate => new(runs.Bench.Folder, runs.Bench.Folder.Data, runs.Bench.Places, runs.Bench.Audit);

    CompareRuns Compare => new(runs.Bench.Folder, runs.Bench.Folder.Data);

    GetRunFile Download => new(runs.Bench.Folder, runs.Bench.Folder.Data, runs.Bench.Audit);

    [Fact]
    public async Task Evaluation_OfADoneRun_AgreesWithItsConfusionMatrixAndItsModel()
    {
        var evaluation = (await Evaluate.RunAsync(runs.Ids[0], Admin, Cancellation))!;

        var counts = evaluation.Report.Confusion.Counts;
        var total = counts.Sum(row => row.Sum());
        Assert.Equal(evaluation.Report.Overall.Images, total);
        Assert.Equal((double)(counts[0][0] + counts[1][1]) / total, Figure(evaluation, "accuracy")!.Value, 1e-9);
        Assert.Equal((double)counts[0][0] / counts[0].Sum(), Figure(evaluation, "sensitivity")!.Value, 1e-9);
        Assert.Equal((double)counts[1][1] / counts[1].Sum(), Figure(evaluation, "specificity")!.Value, 1e-9);
        var header = ModelFile.Read(runs.Folder(0).Model).Header;
        Assert.Equal((header.Threshold, "COVID-19"), (evaluation.Report.Model.Threshold, evaluation.Report.Model.PositiveClass));
    }

    [Fact]
    public async Task Evaluation_OfADoneRun_IsWhatTheCardShows()
    {
        var report = (await Evaluate.RunAsync(runs.Ids[0], Admin, Cancellation))!.Report;

        var file = ModelFile.Read(runs.Folder(0).Model);
        Assert.Equal(file.Sha256, report.Model.Sha256);
        Assert.Equal(
            report.Overall.Figures.Where(f => f.ByPatient.Value is not null).Select(f =>
                new MeasuredFigure(
                    report.Part, f.Name, f.ByPatient.Value!.Value, f.ByPatient.Lower, f.ByPatient.Upper, f.ByPatient.Count,
                    f.ByPatient.Method)),
            file.Header.Metrics);
        Assert.Contains(report.SourcesCheck, file.Header.Card.Checks!);
        Assert.Contains(report.Statements[0], file.Header.Card.Checks!);
    }

    [Fact]
    public async Task Evaluation_OfADoneRun_PlacesItsConfusedImagesInTheManifestWorstFirst()
    {
        var evaluation = (await Evaluate.RunAsync(runs.Ids[0], Admin, Cancellation))!;

        var images = runs.Bench.Manifest(runs.Divided).Images;
        Assert.NotEmpty(evaluation.MostConfused);
        Assert.All(evaluation.MostConfused, c =>
            Assert.Equal((c.Image.Path, DataPart.Validation), (images[c.Index].Path, images[c.Index].Part!.Value)));
        Assert.All(evaluation.MostConfused, c => Assert.Equal(Math.Exp(-c.Image.Loss), c.Image.ProbabilityOfTruth, 1e-4));
        Assert.Equal(evaluation.MostConfused.OrderByDescending(c => c.Image.Loss), evaluation.MostConfused);
    }

    [Fact]
    public async Task Evaluation_WhoseManifestIsGone_StandsWithoutPlaces()
    {
        var place = Path.Combine(runs.Bench.Places.Root, DataSetPlaces.ManifestOf(runs.Divided.Id));
        File.Move(place, place + ".away");
        var evaluation = (await Evaluate.RunAsync(runs.Ids[0], Admin, Cancellation))!;
        File.Move(place + ".away", place);

        Assert.All(evaluation.MostConfused, c => Assert.Equal(-1, c.Index));
        Assert.NotEmpty(evaluation.Report.Overall.Figures);
    }

    [Fact]
    public async Task Evaluation_ThatWasLookedAt_IsRecorded()
    {
        await Evaluate.RunAsync(runs.Ids[1], Admin, Cancellation);

        await using var db = runs.Bench.Folder.CreateDbContext();
        Assert.Equal(1, await db.Audit.CountAsync(
            a => a.Action == AuditAction.TrainingView && a.UserId == Admin.UserId && a.Detail == "run 2: report", Cancellation));
    }

    [Fact]
    public async Task Evaluation_OfARunWithoutReport_IsNothing()
    {
        Assert.Null(await Evaluate.RunAsync(Guid.NewGuid(), Admin, Cancellation));
        Assert.Null(await Evaluate.RunAsync(await runs.QueueAsync(_ => { }), Admin, Cancellation));
    }

    [Fact]
    public async Task Compare_OfTwoRuns_NamesWhatDiffersAndNothingElse()
    {
        var comparison = await Compare.RunAsync([runs.Ids[1], runs.Ids[0]], Admin, Cancellation);

        Assert.Equal(runs.Ids, comparison.Runs.Select(r => r.Run.Id));
        Assert.Equal(["schedule.maxRate", "weightDecay"], comparison.Differences.Select(d => d.Key));
        Assert.Equal(["0.01", "0.005"], comparison.Differences[0].Values);
        Assert.All(comparison.Runs, r => Assert.Equal([1, 2], r.Epochs.Select(e => e.Number)));
        Assert.All(comparison.Runs, r => Assert.NotNull(r.Evaluation));
    }

    [Fact]
    public async Task Compare_WithARunStoredBeforeThereWasAVersion_OpensItAndSeesNoDifference()
    {
        var (before, after) = (await runs.QueueAsync(_ => { }), await runs.QueueAsync(_ => { }));
        await using var db = runs.Bench.Folder.CreateDbContext();
        var today = (await db.TrainingRuns.SingleAsync(r => r.Id == before, Cancellation)).Configuration;
        var stored = today.Replace("  \"version\": 1,\n", "", StringComparison.Ordinal);
        Assert.DoesNotContain("\"version\"", stored, StringComparison.Ordinal);
        await db.TrainingRuns.Where(r => r.Id == before).ExecuteUpdateAsync(s => s.SetProperty(r => r.Configuration, stored), Cancellation);

        Assert.Empty((await Compare.RunAsync([before, after], Admin, Cancellation)).Differences);

        var listed = (await new ListTrainingRuns(runs.Bench.Folder).RunAsync(Admin, Cancellation)).Single(r => r.Id == before);
        var watched = (await new WatchTrainingRun(runs.Bench.Folder, runs.Bench.Folder.Data).RunAsync(before, 0, Admin, Cancellation))!;
        Assert.Equal((today, today), (listed.Configuration, watched.Run.Configuration));
    }

    [Fact]
    public async Task Compare_OfARunThatRepeatedAnEpoch_TakesTheLastOfIt()
    {
        var id = await runs.QueueAsync(_ => { });
        var place = RunFolder.Of(runs.Bench.Folder.Data, id);
        Directory.CreateDirectory(place.Path);
        await using (var progress = place.OpenProgress())
        {
            foreach (var (number, loss) in new[] { (1, 0.9), (2, 0.8), (2, 0.7) })
            {
                await progress.WriteLineAsync(
                    RunFolder.Line(new(DateTimeOffset.UnixEpoch, Epoch: new(number, loss, 0.5, loss, 0.5, 0.5, 0.5, 0.5, 10, 0, 1, 0, 2))));
            }
        }

        var compared = Assert.Single((await Compare.RunAsync([id, Guid.NewGuid()], Admin, Cancellation)).Runs);

        Assert.Equal([0.9, 0.7], compared.Epochs.Select(e => e.ValidationLoss));
        Assert.Null(compared.Evaluation);
    }

    [Fact]
    public async Task Compare_OfManyRuns_TakesTheFirstSix()
    {
        var ids = new List<Guid>(runs.Ids);
        for (var i = 0; i < CompareRuns.Most; i++)
        {
            ids.Add(await runs.QueueAsync(_ => { }));
        }

        var comparison = await Compare.RunAsync(ids, Admin, Cancellation);

        Assert.Equal(CompareRuns.Most, comparison.Runs.Count);
        Assert.All(comparison.Differences, d => Assert.Equal(CompareRuns.Most, d.Values.Count));
    }

    [Theory]
    [InlineData(RunFile.Report, "report.html", "text/html; charset=utf-8")]
    [InlineData(RunFile.Evaluation, "evaluation.json", "application/json")]
    [InlineData(RunFile.Scores, "scores.csv", "text/csv; charset=utf-8")]
    [InlineData(RunFile.Configuration, "run.json", "application/json")]
    [InlineData(RunFile.Checkpoint, "model.safetensors", "application/octet-stream")]
    public async Task Download_OfADoneRun_IsItsFileAndIsRecorded(RunFile file, string name, string type)
    {
        var found = (await Download.RunAsync(runs.Ids[1], file, Admin, Cancellation))!;

        Assert.Equal((Path.Combine(runs.Folder(1).Path, name), $"run-2-{name}", type), (found.Path, found.Name, found.ContentType));
        await using var db = runs.Bench.Folder.CreateDbContext();
        Assert.Contains(await db.Audit.ToListAsync(Cancellation), a =>
            a is { Action: AuditAction.TrainingExport, Outcome: AuditOutcome.Succeeded, UserId: not null } && a.Detail == $"run 2: {file}");
    }

    [Fact]
    public async Task Download_OfWhatIsNotThere_IsNothingAndLeavesNoRecord()
    {
        var waiting = await runs.QueueAsync(_ => { });
        await using var db = runs.Bench.Folder.CreateDbContext();
        var before = await db.Audit.CountAsync(Cancellation);

        Assert.Null(await Download.RunAsync(waiting, RunFile.Report, Admin, Cancellation));
        Assert.Null(await Download.RunAsync(Guid.NewGuid(), RunFile.Configuration, Admin, Cancellation));
        Assert.Equal(before, await db.Audit.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Report_OfADoneRun_CarriesNoPatientsImage()
    {
        var report = await File.ReadAllTextAsync(runs.Folder(0).Report, Cancellation);

        Assert.DoesNotContain("<img", report, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", report, StringComparison.Ordinal);
        Assert.Contains("Decision support, never a diagnosis.", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluation_AsItIsDownloaded_IsWhatThePageShows()
    {
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(runs.Folder(0).Evaluation, Cancellation));
        var evaluation = (await Evaluate.RunAsync(runs.Ids[0], Admin, Cancellation))!;

        var figures = json.RootElement.GetProperty("overall").GetProperty("figures").EnumerateArray()
            .ToDictionary(f => f.GetProperty("name").GetString()!);
        Assert.Equal(figures.Keys, evaluation.Report.Overall.Figures.Select(f => f.Name));
        Assert.All(evaluation.Report.Overall.Figures, f =>
            Assert.Equal(figures[f.Name].GetProperty("byPatient").GetProperty("lower").Deserialize<double?>(), f.ByPatient.Lower));
    }

    [Theory]
    [InlineData(Role.Radiologist)]
    [InlineData(Role.DepartmentLead)]
    public async Task Results_AskedForByAnotherRole_AreRefused(string role)
    {
        var other = new Actor(Guid.NewGuid(), "other", new HashSet<string> { role });

        await Assert.ThrowsAsync<AccessRefusedException>(() => Evaluate.RunAsync(runs.Ids[0], other, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(() => Compare.RunAsync(runs.Ids, other, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(() => Download.RunAsync(runs.Ids[0], RunFile.Report, other, Cancellation));
    }

    static double? Figure(RunReport<EvaluationReport> evaluation, string name) =>
        evaluation.Report.Overall.Figures.Single(f => f.Name == name).ByImage.Value;
}
