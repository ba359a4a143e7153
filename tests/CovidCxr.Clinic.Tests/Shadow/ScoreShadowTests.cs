using System.Text.Json;
using CovidCxr.Clinic.Shadow;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Jobs;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Studies;
using CovidCxr.Engine.Serving;
using CovidCxr.Laboratory.Models;
using CovidCxr.Platform.Jobs;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Clinic.Tests.Shadow;

/// <summary>Two real models of other weights: one is active, the other goes into the shadow.</summary>
[Trait("Speed", "Slow")]
public sealed class ScoreShadowTests : IAsyncLifetime
{
    static readonly JsonSerializerOptions Json = new() { IncludeFields = true };

    readonly TestClinic _clinic = new();
    Guid _active, _candidate;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _active = await TestModels.ActivateAsync(_clinic, TestModels.First);
        _candidate = await TestModels.RegisterAsync(_clinic, TestModels.Second);
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    Task<string?> StartAsync(Guid version, string reason = "To see.") =>
        _clinic.Get<StartShadow>().RunAsync(version, reason, TestClinic.Admin, Cancellation);

    IJobHandler Shadow => _clinic.Services.GetServices<IJobHandler>().Single(h => h.Kind == ShadowPeriod.JobKind);

    async Task<string> StudyAsync(Guid id)
    {
        await using var db = _clinic.Context();
        return JsonSerializer.Serialize((
            await db.Studies.AsNoTracking().SingleAsync(s => s.Id == id, Cancellation),
            await db.Predictions.AsNoTracking().ToListAsync(Cancellation)), Json);
    }

    [Fact]
    public async Task Shadow_ScoresANewlyAnalysedStudyOnce_AndLeavesTheStudyAsItIs()
    {
        var before = await _clinic.UploadAsync(seed: 3);
        await _clinic.WorkAsync(AnalyseStudy.JobKind, before);
        Assert.Null(await StartAsync(_candidate));
        var study = await _clinic.UploadAsync(seed: 5);
        await _clinic.WorkAsync(AnalyseStudy.JobKind, study);
        var analysed = await StudyAsync(study);

        await using (var db = _clinic.Context())
        {
            // Of the study that was analysed since, and of no other.
            var payload = Assert.Single(await db.Jobs.Where(j => j.Kind == ShadowPeriod.JobKind).Select(j => j.Payload)
                .ToListAsync(Cancellation));
            Assert.Contains(study.ToString(), payload, StringComparison.Ordinal);
        }

        Assert.True(Shadow.CanRun);
        await _clinic.WorkAsync(ShadowPeriod.JobKind, study);
        await _clinic.WorkAsync(ShadowPeriod.JobKind, study);

        await using var scored = _clinic.Context();
        var row = Assert.Single(await scored.ShadowPredictions.ToListAsync(Cancellation));
        Assert.Equal((study, 0.5), (row.StudyId, row.Threshold));
        Assert.InRange(row.Score, 0, 1);
        Assert.Equal(analysed, await StudyAsync(study));
        Assert.Equal(2, await _clinic.CountAsync<Prediction>());
    }

    /// <summary>The same weights in another file: one thread gives what all give, up to rounding.</summary>
    [Fact]
    public async Task Shadow_OfTheSameWeights_SaysWhatTheActiveOneSays()
    {
        Assert.Null(await StartAsync(_candidate));
        var study = await _clinic.UploadAsync(seed: 3);
        await _clinic.WorkAsync(AnalyseStudy.JobKind, study);
        await _clinic.WorkAsync(ShadowPeriod.JobKind, study);

        await using var db = _clinic.Context();
        var active = await db.Predictions.SingleAsync(Cancellation);
        Assert.Equal(active.Probabilities[active.PositiveIndex], (await db.ShadowPredictions.SingleAsync(Cancellation)).Score, 4);
    }

    [Fact]
    public async Task Shadow_WhoseFileIsGone_FailsAloneAndTheStudyStaysReady()
    {
        Assert.Null(await StartAsync(_candidate));
        var study = await _clinic.UploadAsync(seed: 3);
        await _clinic.WorkAsync(AnalyseStudy.JobKind, study);
        var analysed = await StudyAsync(study);
        await _clinic.Get<ShadowHost>().UnloadAsync(Cancellation);
        await using (var db = _clinic.Context())
        {
            var key = await db.ModelVersions.Where(m => m.Id == _candidate).Select(m => m.FileKey).SingleAsync(Cancellation);
            File.Delete(Path.Combine(_clinic.Get<DataFolder>().Models, key));
        }

        await Assert.ThrowsAnyAsync<Exception>(() => _clinic.WorkAsync(ShadowPeriod.JobKind, study));
        await using (var db = _clinic.Context())
        {
            await Shadow.GiveUpAsync(
                db, new Job { Kind = ShadowPeriod.JobKind, Payload = JsonSerializer.Serialize(new AnalyseStudy.Payload(study)) });
            await db.SaveChangesAsync(Cancellation);
        }

        Assert.Equal(analysed, await StudyAsync(study));
    }

    [Fact]
    public async Task Shadow_StartsOneAtATime_EndsWithAReasonAndKeepsItsRows()
    {
        Assert.Contains("Say why", await StartAsync(_candidate, " "), StringComparison.Ordinal);
        Assert.Contains("is active", await StartAsync(_active), StringComparison.Ordinal);
        Assert.Null(await StartAsync(_candidate));
        Assert.Contains("Another version", await StartAsync(_candidate), StringComparison.Ordinal);
        var study = await _clinic.UploadAsync(seed: 3);
        await _clinic.WorkAsync(AnalyseStudy.JobKind, study);
        await _clinic.WorkAsync(ShadowPeriod.JobKind, study);

        var open = Assert.Single((await _clinic.Get<ListShadows>().RunAsync(TestClinic.Lead, Cancellation)).Periods);
        Assert.Equal(2, open.Number);
        var end = _clinic.Get<EndShadow>();
        Assert.Null(await end.RunAsync(open.Period.Id, "Seen enough.", TestClinic.Admin, Cancellation));
        Assert.Contains("ended already", await end.RunAsync(open.Period.Id, "Again.", TestClinic.Admin, Cancellation),
            StringComparison.Ordinal);

        Assert.Equal(1, await _clinic.CountAsync<ShadowPrediction>());
        var later = await _clinic.UploadAsync(seed: 5);
        await _clinic.WorkAsync(AnalyseStudy.JobKind, later);
        await _clinic.WorkAsync(ShadowPeriod.JobKind, later);
        Assert.Equal(1, await _clinic.CountAsync<ShadowPrediction>());
        Assert.Equal(
            ["version 1", "version 2, started", "version 2", "version 2, ended"],
            (await _clinic.AuditAsync(AuditAction.ShadowControl)).Select(a => a.Detail));
    }

    [Fact]
    public async Task Shadow_ThatIsActivated_EndsByIt()
    {
        Assert.Null(await StartAsync(_candidate));
        Assert.Null(await _clinic.Get<ActivateModel>().RunAsync(_candidate, _active, TestClinic.Admin, Cancellation));

        await using var db = _clinic.Context();
        var period = await db.ShadowPeriods.SingleAsync(Cancellation);
        Assert.Equal((false, "It became the active version."), (period.IsOpen, period.EndReason));
    }

    /// <summary>Both versions are compared at the thresholds that were accepted for them.</summary>
    [Fact]
    public async Task Shadow_OfAVersionThatIsAcceptedHere_IsCalledAtTheLocalThreshold()
    {
        await using (var db = _clinic.Context())
        {
            var sha = await db.ModelVersions.Where(m => m.Id == _candidate).Select(m => m.Sha256).SingleAsync(Cancellation);
            db.LocalAcceptances.Add(new()
            {
                ModelVersionId = _candidate,
                Threshold = 0.25,
                Evidence = "{}",
                EvidenceHash = LocalAcceptance.HashOf(sha, 0.25, "{}"),
                Reason = "test",
                AcceptedByName = "lead",
            });
            await db.SaveChangesAsync(Cancellation);
        }

        Assert.Null(await StartAsync(_candidate));
        var study = await _clinic.UploadAsync(seed: 3);
        await _clinic.WorkAsync(AnalyseStudy.JobKind, study);
        await _clinic.WorkAsync(ShadowPeriod.JobKind, study);

        await using var scored = _clinic.Context();
        Assert.Equal(0.25, (await scored.ShadowPredictions.SingleAsync(Cancellation)).Threshold);
    }

    [Fact]
    public async Task Shadow_ThatEndsBeforeItsScoreIsStored_HasNoRowOfIt()
    {
        Assert.Null(await StartAsync(_candidate));
        var study = await _clinic.UploadAsync(seed: 3);
        await _clinic.WorkAsync(AnalyseStudy.JobKind, study);
        var store = await Shadow.RunAsync(JobOf(study), Cancellation);
        await EndAsync();

        await using var db = _clinic.Context();
        await store(db);
        await db.SaveChangesAsync(Cancellation);

        Assert.Equal(0, await _clinic.CountAsync<ShadowPrediction>());
        Assert.False(_clinic.Get<ShadowHost>().IsLoaded);
    }

    [Fact]
    public async Task Shadow_ThatEndsWhileAStudyIsScored_GivesTheMemoryBackAllTheSame()
    {
        Assert.Null(await StartAsync(_candidate));
        var study = await _clinic.UploadAsync(seed: 3);
        await _clinic.WorkAsync(AnalyseStudy.JobKind, study);
        await using var begun = _clinic.Context();
        var contexts = new EndingContexts(_clinic);
        var handler = ActivatorUtilities.CreateInstance<ScoreShadow>(_clinic.Services, contexts);
        var store = await handler.RunAsync(JobOf(study), Cancellation);
        await store(begun);

        Assert.True(contexts.HasEnded);
        Assert.False(_clinic.Get<ShadowHost>().IsLoaded);
        Assert.Empty(begun.ChangeTracker.Entries<ShadowPrediction>());
    }

    [Fact]
    public async Task Start_ThatIsOvertakenWhileItLoads_KeepsNothingInMemory()
    {
        await using var other = _clinic.Context();
        await using var transaction = await other.Database.BeginTransactionAsync(Cancellation);
        var start = Task.Run(() => StartAsync(_candidate), Cancellation);
        // It has looked, and waits for the other's transaction.
        while (!_clinic.Get<ShadowHost>().IsLoaded && !start.IsCompleted)
        {
            await Task.Yield();
        }

        other.ShadowPeriods.Add(new()
        {
            ModelVersionId = _candidate,
            IsOpen = true,
            From = _clinic.Time.GetUtcNow(),
            Reason = "To see.",
            StartedByName = "other",
        });
        await other.SaveChangesAsync(Cancellation);
        await transaction.CommitAsync(Cancellation);

        Assert.Contains("Another version", await start, StringComparison.Ordinal);
        Assert.False(_clinic.Get<ShadowHost>().IsLoaded);
    }

    static Job JobOf(Guid study) => new()
    {
        Kind = ShadowPeriod.JobKind,
        Payload = JsonSerializer.Serialize(new AnalyseStudy.Payload(study)),
    };

    async Task EndAsync()
    {
        var period = (await _clinic.Get<ListShadows>().RunAsync(TestClinic.Lead, Cancellation)).Periods[0].Period.Id;
        Assert.Null(await _clinic.Get<EndShadow>().RunAsync(period, "Seen enough.", TestClinic.Admin, Cancellation));
    }

    /// <summary>Of a job: another program ends the period while it computes, and it learns of it when it looks again.</summary>
    sealed class EndingContexts(TestClinic clinic) : IDbContextFactory<CovidCxrDbContext>
    {
        bool _isSecond;

        public bool HasEnded { get; private set; }

        public CovidCxrDbContext CreateDbContext()
        {
            var context = clinic.Context();
            if (_isSecond)
            {
                context.ShadowPeriods.Where(p => p.IsOpen).ExecuteUpdate(s => s.SetProperty(p => p.IsOpen, false));
                HasEnded = true;
            }

            _isSecond = true;
            return context;
        }
    }
}
