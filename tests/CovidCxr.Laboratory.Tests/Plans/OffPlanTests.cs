using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.DataSets;
using CovidCxr.Domain.Runs;
using CovidCxr.Laboratory.Models;
using CovidCxr.Laboratory.Plans;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Gate;
using CovidCxr.Learning.Training;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Tests.Plans;

/// <summary>A version that the gate has passed and that is signed, whose run kept to its plan, or did not.</summary>
[Trait("Speed", "Slow")]
public sealed class OffPlanTests : IAsyncLifetime
{
    static readonly TrainingConfiguration Configured = new()
    {
        Name = "run",
        Architecture = "resnet18",
        Classes = ["COVID-19", "Normal"],
        PositiveClass = "COVID-19",
        Data = new("films", [new("films", Manifest: "m.json", ManifestHash: "hash")], new()),
        Epochs = 5,
    };

    readonly TestClinic _clinic = new(settings: ("Models:Signatures", "1"));
    readonly DataSetVersion _data = new() { Name = "films", Number = 1, Change = "Divided", CreatedByName = "admin" };
    readonly DataSetVersion _other = new()
    {
        SetId = Guid.NewGuid(),
        Name = "others",
        Number = 1,
        Change = "Divided",
        CreatedByName = "admin",
    };
    Guid _version, _run;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _version = await TestModels.RegisterAsync(_clinic, TestModels.First);
        await using var db = _clinic.Context();
        db.DataSetVersions.AddRange(_data, _other);
        await db.SaveChangesAsync(Cancellation);
        await SayTrainedAsync(Configured, epochs: 5);
        _run = await StartAsync(1, []);
        await SignAsync();
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    // As a start does.
    async Task<Guid> StartAsync(int number, IReadOnlyList<string> heldOut)
    {
        var plan = new TrainingPlan(
            "Train on more films.", PlannedMetric.Area, 0.03, "Many new films.", "films, version 1", _data.Id, "hash", heldOut,
            Configured.ToJson()).ToJson();
        var run = new TrainingRun
        {
            Number = number,
            Name = "run",
            Architecture = "resnet18",
            Configuration = Configured.ToJson(),
            StartedByName = "admin",
            DataSetVersionId = _data.Id,
            ModelVersionId = _version,
            State = RunState.Done,
            Plan = plan,
            PlanHash = TrainingPlan.HashOf(plan),
        };
        await using var db = _clinic.Context();
        db.TrainingRuns.Add(run);
        _clinic.Get<AuditLog>().AddTo(
            db, TestClinic.Admin, AuditAction.RetrainingStart, AuditOutcome.Succeeded,
            detail: RunPlan.AuditDetail(number, run.PlanHash));
        await db.SaveChangesAsync(Cancellation);
        return run.Id;
    }

    async Task SayTrainedAsync(TrainingConfiguration configuration, int epochs, params string[] remarks)
    {
        await using var db = _clinic.Context();
        var version = await db.ModelVersions.SingleAsync(Cancellation);
        var header = ModelHeader.FromJson(version.HeaderJson) with
        {
            Training = new("films", "hash", [], "patient", 1, epochs, epochs, configuration.ToJson(), default, default, "machine", remarks),
        };
        await db.ModelVersions.ExecuteUpdateAsync(s => s.SetProperty(m => m.HeaderJson, header.ToJson()), Cancellation);
    }

    async Task<Acceptance> AcceptanceAsync() =>
        (await _clinic.Get<GetGate>().RunAsync(_version, TestClinic.Admin, Cancellation))!.Acceptance;

    async Task SignAsync()
    {
        var hash = (await AcceptanceAsync()).EvidenceHash;
        await using var db = _clinic.Context();
        db.ModelSignatures.Add(new()
        {
            ModelVersionId = _version,
            EvidenceHash = hash,
            SignedBy = TestClinic.Admin.UserId,
            SignedByName = "admin",
            SignedAt = _clinic.Time.GetUtcNow(),
        });
        await db.SaveChangesAsync(Cancellation);
    }

    async Task ChangeAsync(Func<CovidCxrDbContext, Task> change)
    {
        await using var db = _clinic.Context();
        await change(db);
    }

    // However often it is signed.
    async Task AssertNeverActivatedAsync(string words)
    {
        await SignAsync();
        Assert.Contains(words, (await AcceptanceAsync()).Objection, StringComparison.Ordinal);
        Assert.Contains(
            words, await _clinic.Get<ActivateModel>().RunAsync(_version, null, TestClinic.Admin, Cancellation), StringComparison.Ordinal);
        await using var db = _clinic.Context();
        Assert.False(await db.ModelVersions.AnyAsync(m => m.IsActive, Cancellation));
    }

    [Fact]
    public async Task Activate_OfARunThatKeptToItsPlan_Works()
    {
        Assert.Null((await AcceptanceAsync()).Plan!.Deviation);
        Assert.Null(await _clinic.Get<ActivateModel>().RunAsync(_version, null, TestClinic.Admin, Cancellation));
    }

    [Fact]
    public async Task Activate_AfterSomebodyLeftThePlan_IsRefused_AlsoWhereTheMarkIsTakenAwayAgain()
    {
        var before = (await AcceptanceAsync()).EvidenceHash;
        Assert.Null(await _clinic.Get<LeavePlan>().RunAsync(_run, "Another metric.", TestClinic.Admin, Cancellation));

        Assert.NotEqual(before, (await AcceptanceAsync()).EvidenceHash);
        await AssertNeverActivatedAsync("admin: Another metric.");
        await ChangeAsync(db => db.Database.ExecuteSqlAsync($"UPDATE RetrainingRuns SET OffPlan = NULL", Cancellation));
        await AssertNeverActivatedAsync("the plan was left");
    }

    [Fact]
    public async Task Activate_OfTheWeightsOfAnOffPlanRunUnderAnotherHeader_IsRefused()
    {
        Assert.Null(await _clinic.Get<LeavePlan>().RunAsync(_run, "Another metric.", TestClinic.Admin, Cancellation));

        _version = await TestModels.RegisterAsync(_clinic, TestModels.Second);

        await AssertNeverActivatedAsync("admin: Another metric.");
    }

    [Fact]
    public async Task Activate_OfTheWeightsOfARunThatWasTrainedOtherwise_IsRefused_WhateverTheOtherHeaderSays()
    {
        await SayTrainedAsync(Configured, epochs: 3);
        var said = await ReadAsync(db => db.ModelVersions.Select(m => m.HeaderJson).SingleAsync(Cancellation));
        _version = await TestModels.RegisterAsync(_clinic, TestModels.Second);
        var header = ModelHeader.FromJson(said);
        header = header with { Training = header.Training! with { Epochs = 5 } };
        await ChangeAsync(db => db.ModelVersions.Where(m => m.Id == _version).ExecuteUpdateAsync(
            s => s.SetProperty(m => m.HeaderJson, header.ToJson()), Cancellation));

        await AssertNeverActivatedAsync("after 3 of 5 epochs");
    }

    [Fact]
    public async Task Activate_OfARunOfItsOwnPlanThatMadeTheSameWeights_AsksNoOtherRuns()
    {
        Assert.Null(await _clinic.Get<LeavePlan>().RunAsync(_run, "Another metric.", TestClinic.Admin, Cancellation));
        var said = await ReadAsync(db => db.ModelVersions.Select(m => m.HeaderJson).SingleAsync(Cancellation));
        _version = await TestModels.RegisterAsync(_clinic, TestModels.Second);
        await ChangeAsync(db => db.ModelVersions.Where(m => m.Id == _version).ExecuteUpdateAsync(
            s => s.SetProperty(m => m.HeaderJson, said), Cancellation));
        await StartAsync(2, []);

        await SignAsync();

        Assert.Null((await AcceptanceAsync()).Objection);
    }

    [Fact]
    public async Task Activate_OfOtherWeights_AsksNoRunsPlan()
    {
        Assert.Null(await _clinic.Get<LeavePlan>().RunAsync(_run, "Another metric.", TestClinic.Admin, Cancellation));
        _version = await RegisterOtherAsync();

        Assert.Null((await AcceptanceAsync()).Objection);
    }

    [Theory]
    [InlineData(-0.01, -0.029, 0.0, null)]
    [InlineData(-0.01, -0.031, 0.0, "not surely within the plan's margin of 0.03")]
    [InlineData(-0.1, -0.2, -0.04, "surely worse than the plan's margin of 0.03 allows")]
    public async Task Activate_IsJudgedByThePlansOwnFigureAndMargin(double gained, double lower, double upper, string? words)
    {
        var active = await RegisterOtherAsync();
        Assert.Null(await _clinic.Get<ActivateModel>().RunAsync(active, null, TestClinic.Admin, Cancellation));
        Assert.Contains("was not compared", (await AcceptanceAsync()).Judgement!.Words, StringComparison.Ordinal);
        await ChangeAsync(async db =>
        {
            var rival = await db.ModelVersions.SingleAsync(m => m.Id == active, Cancellation);
            var own = await db.ModelVersions.Where(m => m.Id == _version).Select(m => m.Sha256).SingleAsync(Cancellation);
            var report = GateReport.FromJson(TestModels.Evidence(own)) with
            {
                RivalSha256 = rival.Sha256,
                Rival = new(
                    rival.Name, rival.Sha256, 100, 40, new(gained, lower, upper, 100, "bootstrap"),
                    new(-0.2, -0.3, -0.1, 100, "bootstrap")),
            };
            db.GateResults.Add(new() { ModelVersionId = _version, RunId = Guid.NewGuid(), Evidence = report.ToJson() });
            await db.SaveChangesAsync(Cancellation);
        });
        await SignAsync();

        var acceptance = await AcceptanceAsync();

        Assert.Equal(words is null, acceptance.Judgement!.IsKept);
        Assert.Equal(words is null, acceptance.Objection is null);
        Assert.Contains(words ?? "surely within the plan's margin", acceptance.Judgement.Words, StringComparison.Ordinal);
    }

    async Task<Guid> RegisterOtherAsync()
    {
        var folder = Directory.CreateTempSubdirectory("covidcxr-plan-");
        try
        {
            var path = Path.Combine(folder.FullName, "other.safetensors");
            TestModels.Write(path, seed: 9);
            return await TestModels.RegisterAsync(_clinic, path);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    async Task<T> ReadAsync<T>(Func<CovidCxrDbContext, Task<T>> read)
    {
        await using var db = _clinic.Context();
        return await read(db);
    }

    [Fact]
    public async Task Activate_AfterThePlanWasChangedInTheDatabase_IsRefused()
    {
        await ChangeAsync(db => db.Database.ExecuteSqlAsync(
            $"UPDATE RetrainingRuns SET Plan = replace(Plan, '0.03', '0.05')", Cancellation));

        await AssertNeverActivatedAsync("not the one that was frozen");
    }

    [Fact]
    public async Task Activate_AfterThePlanWasChangedWithItsHash_IsRefused()
    {
        await ChangeAsync(async db =>
        {
            var run = await db.TrainingRuns.SingleAsync(Cancellation);
            run.Plan = run.Plan!.Replace("0.03", "0.05", StringComparison.Ordinal);
            run.PlanHash = TrainingPlan.HashOf(run.Plan);
            await db.SaveChangesAsync(Cancellation);
        });

        await AssertNeverActivatedAsync("not the one that was frozen");
    }

    [Fact]
    public async Task Activate_AfterThePlanWasTakenAway_IsRefused()
    {
        await ChangeAsync(db => db.Database.ExecuteSqlAsync(
            $"UPDATE RetrainingRuns SET Plan = NULL, PlanHash = NULL", Cancellation));

        await AssertNeverActivatedAsync("is gone");
    }

    [Fact]
    public async Task Activate_OfAModelThatWasTrainedByAnotherMetric_IsRefusedByItsName()
    {
        await SayTrainedAsync(Configured with { BestEpoch = BestEpoch.LargestArea, Seed = 2 }, epochs: 5);

        await AssertNeverActivatedAsync("otherwise than planned: bestEpoch, seed.");
    }

    [Fact]
    public async Task Activate_AfterTheRunGotAnotherConfiguration_IsRefused()
    {
        await ChangeAsync(async db => await db.TrainingRuns.ExecuteUpdateAsync(
            s => s.SetProperty(r => r.Configuration, (Configured with { Epochs = 9 }).ToJson()), Cancellation));

        await AssertNeverActivatedAsync("epochs");
    }

    [Fact]
    public async Task Activate_OfARunOnAnotherDataSetVersion_IsRefused()
    {
        await ChangeAsync(async db => await db.TrainingRuns.ExecuteUpdateAsync(
            s => s.SetProperty(r => r.DataSetVersionId, _other.Id), Cancellation));

        await AssertNeverActivatedAsync("another data set version");
    }

    [Fact]
    public async Task Activate_OfARunWhoseBatchesWereHalvedForWantOfMemory_IsRefused()
    {
        await SayTrainedAsync(Configured, 5, "Memory ran out during the training.");

        await AssertNeverActivatedAsync("Memory ran out");
    }

    [Fact]
    public async Task Activate_OfARunThatEndedEarly_IsRefused()
    {
        await SayTrainedAsync(Configured, epochs: 3);

        await AssertNeverActivatedAsync("after 3 of 5 epochs");
    }

    [Fact]
    public async Task Activate_OfAnExploration_IsRefused_AndOfARunOfBeforeThereWerePlansWorks()
    {
        await ChangeAsync(async db =>
        {
            await db.TrainingRuns.ExecuteDeleteAsync(Cancellation);
            await db.Audit.ExecuteDeleteAsync(Cancellation);
            db.TrainingRuns.Add(new()
            {
                Number = 2,
                Name = "run",
                Architecture = "resnet18",
                Configuration = "{}",
                StartedByName = "admin",
                ModelVersionId = _version,
                IsExploration = true,
            });
            await db.SaveChangesAsync(Cancellation);
        });
        await AssertNeverActivatedAsync("without a plan");
        await ChangeAsync(async db => await db.TrainingRuns.ExecuteUpdateAsync(
            s => s.SetProperty(r => r.IsExploration, false), Cancellation));

        await SignAsync();
        Assert.Null((await AcceptanceAsync()).Objection);
    }

    [Fact]
    public async Task Activate_BeforeItWasMeasuredOnWhatThePlanHoldsOut_IsRefused()
    {
        await ChangeAsync(async db =>
        {
            await db.TrainingRuns.ExecuteDeleteAsync(Cancellation);
            await db.Audit.ExecuteDeleteAsync(Cancellation);
        });
        await StartAsync(2, ["elsewhere"]);
        await AssertNeverActivatedAsync("measured on elsewhere");
        await ChangeAsync(async db =>
        {
            var sha = await db.ModelVersions.Select(m => m.Sha256).SingleAsync(Cancellation);
            var report = GateReport.FromJson(TestModels.Evidence(sha)) with
            {
                Groups = [new(new GroupFigures("source", "elsewhere", 40, 20, new(0.9, 0.8, 0.95, 40, "bootstrap")), GateVerdict.Passed)],
            };
            db.GateResults.Add(new() { ModelVersionId = _version, RunId = Guid.NewGuid(), Evidence = report.ToJson() });
            await db.SaveChangesAsync(Cancellation);
        });

        await SignAsync();
        Assert.Null((await AcceptanceAsync()).Objection);
    }

    [Fact]
    public async Task LeavePlan_WithoutWordsOrPlanOrRight_ChangesNothing()
    {
        var leave = _clinic.Get<LeavePlan>();

        Assert.Contains("Say why", await leave.RunAsync(_run, " ", TestClinic.Admin, Cancellation), StringComparison.Ordinal);
        Assert.Contains(
            "no such run", await leave.RunAsync(Guid.NewGuid(), "words", TestClinic.Admin, Cancellation), StringComparison.Ordinal);
        await Assert.ThrowsAsync<AccessRefusedException>(() => leave.RunAsync(_run, "words", TestClinic.Lead, Cancellation));
        Assert.Empty(await _clinic.AuditAsync(AuditAction.PlanDeparture));
        Assert.Null((await _clinic.Get<GetRunPlan>().RunAsync(_run, TestClinic.Admin, Cancellation))!.Deviation);
    }
}
