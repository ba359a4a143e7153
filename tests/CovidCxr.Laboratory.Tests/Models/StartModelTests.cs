using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Models;
using CovidCxr.Engine.Serving;
using CovidCxr.Laboratory.Models;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Gate;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Tests.Models;

/// <summary>Whatever the model files are like, the program starts and says what is missing.</summary>
[Trait("Speed", "Slow")]
public sealed class StartModelTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    Task StartAsync(string starter) => _clinic.Get<StartModel>().RunAsync(starter, Cancellation);

    string? Served => _clinic.Get<ModelHost>().Current?.Header.Name;

    [Fact]
    public async Task RunAsync_NoStarterFile_NamesItAndStarts()
    {
        var missing = Path.Combine(_clinic.Folder.Data.Root, "starter.safetensors");

        await StartAsync(missing);

        Assert.Null(Served);
        Assert.Contains(_clinic.Logs.Lines, l =>
            l.StartsWith("Warning", StringComparison.Ordinal) && l.Contains("starter model is missing", StringComparison.Ordinal)
                && l.Contains(missing, StringComparison.Ordinal));
    }

    [Fact]
    public async Task RunAsync_DamagedStarterFile_SaysSoAndStarts()
    {
        var damaged = Path.Combine(_clinic.Folder.Data.Root, "starter.safetensors");
        await File.WriteAllTextAsync(damaged, "no model", Cancellation);

        await StartAsync(damaged);

        Assert.Equal((null, 0), (Served, await _clinic.CountAsync<ModelVersion>()));
        Assert.Contains(
            _clinic.Logs.Lines, l => l.StartsWith("Error", StringComparison.Ordinal) && l.Contains(damaged, StringComparison.Ordinal));
    }

    [Fact]
    public async Task RunAsync_FirstStart_ServesTheStarterAndLaterTheActive()
    {
        await StartAsync(TestModels.First);
        Assert.Equal("first", Served);
        await StartAsync(TestModels.First);
        Assert.Equal(1, await _clinic.CountAsync<ModelVersion>());

        await using (var db = _clinic.Context())
        {
            var first = await db.ModelVersions.AsNoTracking().SingleAsync(Cancellation);
            Assert.True(first.IsActive);
            // A row of before the weights had a hash gets one.
            await db.ModelVersions.ExecuteUpdateAsync(s => s.SetProperty(m => m.WeightsSha256, (string?)null), Cancellation);
            await StartAsync(TestModels.First);
            Assert.Equal(first.WeightsSha256, (await db.ModelVersions.SingleAsync(Cancellation)).WeightsSha256);
            Assert.Equal(ModelFile.Read(TestModels.Second).WeightsHash(), first.WeightsSha256);
            await TestModels.ActivateAsync(_clinic, TestModels.Second, first.Id);
        }

        await StartAsync(TestModels.First);
        Assert.Equal("second", Served);
        // A start decides nothing.
        Assert.Equal(2, (await _clinic.AuditAsync(AuditAction.ModelActivate)).Count);
    }

    [Fact]
    public async Task RunAsync_FirstStartWithAGateThatRefuses_ServesItAndKeepsWhatTheGateSays()
    {
        var starter = Path.Combine(_clinic.Folder.Data.Root, "starter.safetensors");
        File.Copy(TestModels.First, starter);
        await File.WriteAllTextAsync(
            Path.ChangeExtension(starter, StartModel.GateExtension),
            TestModels.Evidence(ModelFile.Read(starter).Sha256, GateVerdict.Refused), Cancellation);

        await StartAsync(starter);

        Assert.Equal("first", Served);
        Assert.Equal(
            GateVerdict.Refused,
            Assert.Single(Assert.Single(await _clinic.Get<ListModels>().RunAsync(actor: null, Cancellation)).Gate).Verdict);
        var period = Assert.Single(await _clinic.Get<ListModelPeriods>().RunAsync(Cancellation));
        Assert.Equal((1, (string?)null, false), (period.Number, period.By, period.IsRollBack));
    }

    [Fact]
    public async Task RunAsync_ActiveFileGone_SaysSoAndStarts()
    {
        await using (var db = _clinic.Context())
        {
            db.ModelVersions.Add(new()
            {
                Number = 1,
                Name = "m",
                Architecture = "resnet18",
                Sha256 = "0",
                FileKey = "gone.safetensors",
                HeaderJson = "{}",
                IsActive = true
            });
            await db.SaveChangesAsync(Cancellation);
        }

        await StartAsync(TestModels.First);

        Assert.Null(Served);
        Assert.Contains(_clinic.Logs.Lines, l =>
            l.StartsWith("Error", StringComparison.Ordinal) && l.Contains("cannot be served", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RunAsync_StarterRegisteredByAKilledStart_IsActivatedNow()
    {
        await TestModels.RegisterAsync(_clinic, TestModels.First);

        await StartAsync(TestModels.First);

        Assert.Equal("first", Served);
        Assert.Single(await _clinic.AuditAsync(AuditAction.ModelActivate));
    }

    [Fact]
    public async Task RunAsync_NoneActive_SaysWhoCanHelp()
    {
        await TestModels.RegisterAsync(_clinic, TestModels.Second);

        await StartAsync(TestModels.First);

        Assert.Null(Served);
        Assert.Contains(_clinic.Logs.Lines, l => l.Contains("administrator activates one", StringComparison.Ordinal));
    }
}
