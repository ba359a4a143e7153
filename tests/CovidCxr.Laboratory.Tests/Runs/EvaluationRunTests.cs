using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.DataSets;
using CovidCxr.Domain.Runs;
using CovidCxr.Laboratory.Models;
using CovidCxr.Laboratory.Runs;
using CovidCxr.Laboratory.Tests.DataSets;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Tests.Runs;

/// <summary>A registered model measured on a data set version, from the web.</summary>
[Trait("Speed", "Slow")]
public sealed class EvaluationRunTests : IDisposable
{
    readonly DataSetBench _bench = new();

    public void Dispose() => _bench.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    StartEvaluationRun Start => new(_bench.Folder, _bench.Queue, _bench.Places, _bench.Folder.Data, _bench.Audit, TimeProvider.System);

    [Fact]
    public async Task Run_OfAnUndividedVersion_LeavesTheReportThatTheCommandLineMakes()
    {
        var (model, data) = (await RegisterAsync(), await ImportAsync("COVID-19", "Unremarkable"));

        var id = Assert.IsType<StartTrainingRunResult.Started>(
            await Start.RunAsync(model, data.Id, DataSetBench.Admin, Cancellation)).RunId;
        await using var db = _bench.Folder.CreateDbContext();
        var run = await db.TrainingRuns.SingleAsync(r => r.Id == id, Cancellation);
        var place = RunFolder.Of(_bench.Folder.Data, id);
        place.Prepare(run.Configuration, new(_bench.Places.Root, run.Kind));
        await TrainingProcess.RunAsync(place.Path, new SilentParent(), TimeProvider.System);

        Assert.Equal((RunKind.Evaluation, model, data.Id), (run.Kind, run.ModelVersionId!.Value, run.DataSetVersionId!.Value));
        Assert.Equal((RunFolder.Ending.Finished, null), (place.ReadResult()!.Ending, place.ReadResult()!.ModelPath));
        var report = (await new GetEvaluation(_bench.Folder, _bench.Folder.Data, _bench.Places, _bench.Audit)
            .RunAsync(id, DataSetBench.Admin, Cancellation))!.Report;
        Assert.Equal((10, "test (all images of another data set)"), (report.Overall.Images, report.Part));
        Assert.Equal(["films"], report.BySource.Select(s => s.Source));
        Assert.Equal((await db.ModelVersions.SingleAsync(Cancellation)).Sha256, report.Model.Sha256);
        Assert.True(File.Exists(place.Report));
        Assert.Equal(11, (await File.ReadAllLinesAsync(place.Scores, Cancellation)).Length);
        Assert.False(run.MayBecome(RunRequest.Pause));
        Assert.Contains(await db.Audit.ToListAsync(Cancellation), a =>
            a is { Action: AuditAction.RetrainingStart, Detail: "run 1: evaluation" });
    }

    [Fact]
    public async Task Run_OfAnEvaluation_MakesNobodyTheModelsTrainer()
    {
        var model = await RegisterAsync();
        await Start.RunAsync(model, (await ImportAsync("COVID-19", "Unremarkable")).Id, DataSetBench.Admin, Cancellation);

        Assert.Null(Assert.Single(await new ListModels(_bench.Folder).RunAsync(actor: null, Cancellation)).TrainedBy);
    }

    [Fact]
    public async Task Start_OfAClassThatTheModelLacks_IsRefusedByName()
    {
        var refused = Assert.IsType<StartTrainingRunResult.Refused>(await Start.RunAsync(
            await RegisterAsync(), (await ImportAsync("COVID-19", "Tuberculosis")).Id, DataSetBench.Admin, Cancellation));

        Assert.StartsWith(
            "The data set has the class 'Tuberculosis'; the model knows Unremarkable, COVID-19.", refused.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithoutModelOrImages_IsRefusedInWords()
    {
        Assert.Equal("Choose a registered model.", Refusal(await Start.RunAsync(null, null, DataSetBench.Admin, Cancellation)));
        Assert.Equal(
            "Choose a data set version.", Refusal(await Start.RunAsync(await RegisterAsync(), null, DataSetBench.Admin, Cancellation)));
    }

    [Theory]
    [InlineData(Role.Radiologist)]
    [InlineData(Role.DepartmentLead)]
    public Task Start_ByAnotherRole_IsRefused(string role) => Assert.ThrowsAsync<AccessRefusedException>(() =>
        Start.RunAsync(null, null, new(Guid.NewGuid(), "other", new HashSet<string> { role }), Cancellation));

    static string Refusal(StartTrainingRunResult result) => Assert.IsType<StartTrainingRunResult.Refused>(result).Message;

    Task<Guid> RegisterAsync() => new RegisterModel(_bench.Folder, _bench.Folder.Data, _bench.Audit, TimeProvider.System)
        .RunAsync(TestModels.First, DataSetBench.Admin, Cancellation);

    Task<DataSetVersion> ImportAsync(string sick, string other)
    {
        FilmFolders.WriteClasses(_bench.Root.Path, "films", (sick, 5), (other, 5));
        return _bench.ImportAsync(new(null, "films"));
    }
}
