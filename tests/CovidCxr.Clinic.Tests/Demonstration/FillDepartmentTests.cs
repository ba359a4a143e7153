using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Demonstration;
using CovidCxr.Clinic.Drift;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Jobs;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CovidCxr.Clinic.Tests.Demonstration;

/// <summary>A first start of Development with a real model, filled with a small department.</summary>
[Trait("Speed", "Slow")]
public sealed class FillDepartmentTests : IAsyncLifetime
{
    const int Films = 40;

    TestClinic _clinic = null!;
    Actor _lead = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    FillDepartment Fill => _clinic.Get<FillDepartment>();

    public ValueTask InitializeAsync() => OpenAsync("Development");

    async ValueTask OpenAsync(string environment)
    {
        _clinic = new(
            hasPeople: false, isReal: true,
            services => services.AddSingleton<IHostEnvironment>(new Place("") { EnvironmentName = environment }));
        await _clinic.PrepareAccountsAsync(isDemo: true);
        await TestModels.ActivateAsync(_clinic, TestModels.First);
        await using var db = _clinic.Context();
        var id = await db.Users.Where(u => u.UserName == "lead@demo.local").Select(u => u.Id).SingleAsync(Cancellation);
        _lead = new(id, "lead@demo.local", new HashSet<string> { Role.DepartmentLead });
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    async Task FillAsync(int films = Films)
    {
        var worker = ActivatorUtilities.CreateInstance<JobWorker>(_clinic.Services);
        await worker.StartAsync(Cancellation);
        Fill.Start(_lead, films);
        await Fill.Finished;
        await worker.StopAsync(Cancellation);
        Assert.Equal((1, false), (Fill.Progress!.Done, Fill.Progress.IsRunning));
    }

    [Fact]
    public async Task Start_FillsMonthsWithAnsweredAndReadFilms_SoThatEveryQuestionHasAnAnswer()
    {
        Assert.True(await Fill.IsOfferedAsync(Cancellation));
        await FillAsync();

        await using var db = _clinic.Context();
        var studies = await db.Studies.AsNoTracking().ToListAsync(Cancellation);
        var now = _clinic.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        Assert.Equal(Films, studies.Count);
        Assert.All(studies, s => Assert.StartsWith(SeedPhantomStudies.Prefix, s.PatientNumber, StringComparison.Ordinal));
        Assert.All(studies, s => Assert.Equal(StudyStatus.Ready, s.Status));
        Assert.True(studies.Max(s => s.ReceivedAt) - studies.Min(s => s.ReceivedAt) > TimeSpan.FromDays(60));
        Assert.All(studies, s => Assert.InRange(s.ReceivedAt, now.AddDays(-151), now));
        var readings = await db.Readings.AsNoTracking().ToListAsync(Cancellation);
        Assert.Equal(3, readings.Select(r => r.ReaderId).Distinct().Count());
        Assert.All(readings, r => Assert.True(r.CreatedAt > studies.Single(s => s.Id == r.StudyId).ReceivedAt && r.CreatedAt < now));
        Assert.Equal(readings.Count(r => r.Stage == ReadingStage.Blind), readings.Count(r => r.Stage == ReadingStage.Final));
        Assert.Equal(Films / 10, studies.Count(s => s.ReadCount == 0));
        Assert.InRange(await db.ReferenceFindings.CountAsync(Cancellation), Films / 3, Films);
        var drift = await _clinic.Get<MeasureDrift>().RunAsync(new(), _lead, Cancellation);
        Assert.NotEmpty(drift.Months);
        Assert.Equal(3, (await _clinic.Get<CompareReaders>().RunAsync(new(), _lead, Cancellation)).Readers.Count);
    }

    [Fact]
    public async Task Start_Again_GoesOnWhereItWas_AndDoublesNothing()
    {
        await FillAsync(10);
        await using var db = _clinic.Context();
        // As if it had been begun days ago.
        foreach (var (id, at) in await db.Studies.ToDictionaryAsync(s => s.Id, s => s.ReceivedAt.AddDays(-3), Cancellation))
        {
            await db.Studies.Where(s => s.Id == id).ExecuteUpdateAsync(s => s.SetProperty(x => x.ReceivedAt, at), Cancellation);
        }

        var dated = await db.Predictions.AsNoTracking().ToDictionaryAsync(p => p.Id, p => p.CreatedAt, Cancellation);
        await FillAsync(10);

        Assert.Equal(dated, await db.Predictions.AsNoTracking().ToDictionaryAsync(p => p.Id, p => p.CreatedAt, Cancellation));
        Assert.Equal(10, await db.Studies.CountAsync(Cancellation));
        var readings = await db.Readings.AsNoTracking().ToListAsync(Cancellation);
        Assert.Equal(readings.Count, readings.Select(r => (r.StudyId, r.ReaderId, r.Stage)).Distinct().Count());
        Assert.Equal(5, await db.Users.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Offer_IsForPhantomsOfDevelopmentAlone()
    {
        await using (var db = _clinic.Context())
        {
            db.Studies.Add(new() { PatientNumber = "4711", PixelHash = "1", ImageKey = "1" });
            await db.SaveChangesAsync(Cancellation);
        }

        Assert.False(await Fill.IsOfferedAsync(Cancellation));
        // A page of before the film came still has its button.
        Fill.Start(_lead);
        await Fill.Finished;
        Assert.Contains("other films are here", Fill.Progress!.Words, StringComparison.Ordinal);
        await using (var db = _clinic.Context())
        {
            Assert.Equal(1, await db.Studies.CountAsync(Cancellation));
        }

        await _clinic.DisposeAsync();
        await OpenAsync("Production");
        Assert.False(await Fill.IsOfferedAsync(Cancellation));
        Fill.Start(_lead);
        await Fill.Finished;
        Assert.Null(Fill.Progress);
        await using var production = _clinic.Context();
        Assert.Equal(0, await production.Studies.CountAsync(Cancellation));
    }
}
