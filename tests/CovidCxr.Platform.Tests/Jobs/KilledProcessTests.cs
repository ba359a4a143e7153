using System.Globalization;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Jobs;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Jobs;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CovidCxr.Platform.Tests.Jobs;

/// <summary>Real processes, killed with SIGKILL while they hold jobs.</summary>
[Trait("Speed", "Slow")]
public class KilledProcessTests(ITestOutputHelper output)
{
    // More of them by environment variable, for a longer look.
    static readonly int Kills = int.Parse(Environment.GetEnvironmentVariable("COVIDCXR_KILLS") ?? "6", CultureInfo.InvariantCulture);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Two programs on one database most of the time.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Workers_KilledBetweenClaimAndCompletion_LoseNothingAndDoubleNothing(bool isPostgreSql)
    {
        Assert.SkipWhen(isPostgreSql && PostgreSqlServer.Missing is not null, PostgreSqlServer.Missing ?? "");
        await using var clinic = new TestClinic(isReal: true, isPostgreSql: isPostgreSql, settings: WorkerProcess.Settings);
        using var killed = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var feeding = Task.Run(() => FeedAsync(clinic, killed.Token), Cancellation);

#pragma warning disable CA5394 // Chooses moments, not secrets.
        var random = new Random(20261125);
        var next = Workers.Start(Workers.Queue, clinic.Folder);
        for (var kill = 0; kill < Kills; kill++)
        {
            // The next one starts up meanwhile, and competes for what this one leaves.
            using var victim = next;
            next = Workers.Start(Workers.Queue, clinic.Folder);
            for (var held = random.Next(1, 8); held > 0; held--)
            {
                await victim.SaysAsync("holds", Cancellation);
            }

            await Task.Delay(random.Next(0, 25), Cancellation);
            await victim.KillAsync();
        }
#pragma warning restore CA5394

        using (next)
        {
            await killed.CancelAsync();
            await feeding;
            await EndedAsync(clinic);
        }

        await using var after = clinic.Context();
        var jobs = await after.Jobs.ToListAsync(Cancellation);
        Assert.All(jobs, j => Assert.Equal(JobState.Succeeded, j.State));
        Assert.True(
            jobs.Count(j => j.Attempt > 1) >= Kills / 2, "Hardly a kill met a job between claim and completion: the test shows nothing.");
        var results = await after.Audit.Where(a => a.Action == AuditAction.StudyAnalysis).Select(a => a.Detail!).ToListAsync(Cancellation);
        Assert.Equal(Enumerable.Range(0, jobs.Count), results.Select(r => int.Parse(r, CultureInfo.InvariantCulture)).Order());
        output.WriteLine(
            $"{jobs.Count} jobs, {Kills} kills, {jobs.Count(j => j.Attempt > 1)} jobs claimed again, "
                + $"{await after.Jobs.MaxAsync(j => j.Attempt, Cancellation)} attempts at most");
    }

    /// <summary>Keeps jobs waiting until all kills are done, however long the processes take to start.</summary>
    static async Task FeedAsync(TestClinic clinic, CancellationToken killed)
    {
        var queue = clinic.Get<JobQueue>();
        var fed = 0;
        while (!killed.IsCancellationRequested)
        {
            await using var db = clinic.Context();
            if (await db.Jobs.CountAsync(j => j.State == JobState.Queued, CancellationToken.None) < 20)
            {
                for (var i = 0; i < 20; i++)
                {
                    queue.AddTo(db, Workers.NoteHandler.JobKind, $"{fed++}");
                }

                await db.SaveChangesAsync(CancellationToken.None);
            }

            await Task.Delay(20, CancellationToken.None);
        }
    }

    [Fact]
    public async Task Upload_ProgramKilledBeforeTheResult_GetsItOnceAfterTheRestart()
    {
        await using var clinic = new TestClinic(isReal: true, services: s => s.AddCovidCxrJobWorker(), settings: WorkerProcess.Settings);
        await TestModels.ActivateAsync(clinic, TestModels.First);
        var study = await clinic.UploadAsync();
        using (var program = Workers.Start(Workers.HaltingAnalysis, clinic.Folder))
        {
            await program.SaysAsync("analysed", Cancellation);
            await program.KillAsync();
        }

        await using (var db = clinic.Context())
        {
            Assert.Equal(
                (StudyStatus.Analysing, 0),
                ((await db.Studies.SingleAsync(Cancellation)).Status, await db.Predictions.CountAsync(Cancellation)));
        }

        var worker = clinic.Services.GetServices<IHostedService>().OfType<JobWorker>().Single();
        await worker.StartAsync(Cancellation);
        await EndedAsync(clinic);
        await worker.StopAsync(Cancellation);

        await using var after = clinic.Context();
        var prediction = await after.Predictions.SingleAsync(Cancellation);
        var analysed = await after.Studies.SingleAsync(Cancellation);
        Assert.Equal((study, StudyStatus.Ready, prediction.Id), (analysed.Id, analysed.Status, analysed.PredictionId));
        Assert.Equal(
            (JobState.Succeeded, 2),
            ((await after.Jobs.SingleAsync(Cancellation)).State, (await after.Jobs.SingleAsync(Cancellation)).Attempt));
        Assert.Single(await clinic.AuditAsync(AuditAction.StudyAnalysis));
        Assert.Equal(1, prediction.Probabilities.Sum(), 5);
    }

    static async Task EndedAsync(TestClinic clinic)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        late.CancelAfter(TimeSpan.FromMinutes(5));
        await using var db = clinic.Context();
        while (await db.Jobs.AnyAsync(j => j.State == JobState.Queued || j.State == JobState.Running, late.Token))
        {
            await Task.Delay(50, late.Token);
        }
    }
}
