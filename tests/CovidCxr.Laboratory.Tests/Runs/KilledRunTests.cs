using System.Diagnostics;
using System.Security.Cryptography;
using CovidCxr.Domain.Runs;
using CovidCxr.Laboratory.Runs;
using CovidCxr.Laboratory.Tests.DataSets;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Tests.Runs;

/// <summary>Real processes, killed with SIGKILL while they train: what comes out is what an uninterrupted run gives, bit for bit.</summary>
[Trait("Speed", "Slow")]
public sealed class KilledRunTests(ITestOutputHelper output)
{
    const int Kills = 3;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_WhoseWorkerAndApplicationAreKilled_EndsWithTheSameWeights()
    {
        using var bench = new DataSetBench();
        FilmFolders.WriteClasses(bench.Root.Path, "films", ("COVID-19", 10), ("Normal", 10));
        var imported = await bench.ImportAsync(new(null, "films"));
        var divided = await bench.ChangeAsync(c => c.DivideAsync(imported.Id, new(), DataSetBench.Admin, Cancellation));
        var killed = await QueueAsync(bench, divided.Id);

        var application = TrainingRunWorker.Start(bench.Folder.Data.Root);
#pragma warning disable CA5394 // Chooses moments, not secrets.
        var random = new Random(20261126);
        for (var kill = 1; kill <= Kills; kill++)
        {
            var child = await TrainingChildAsync(killed, epochs: kill * 2);
            await Task.Delay(random.Next(0, 300), Cancellation);
            child.Kill();
            await child.WaitForExitAsync(Cancellation);
        }

        await TrainingChildAsync(killed, epochs: (Kills + 1) * 2);
        await Task.Delay(random.Next(0, 300), Cancellation);
#pragma warning restore CA5394
        await application.KillAsync();
        application.Dispose();

        using var again = TrainingRunWorker.Start(bench.Folder.Data.Root);
        await EndAsync(bench, 1);
        var whole = await QueueAsync(bench, divided.Id);
        await EndAsync(bench, 2);

        var resumed = killed.ReadProgress(0).Lines.Select(l => l.Note).OfType<string>()
            .Where(n => n.StartsWith("Going on from epoch", StringComparison.Ordinal)).ToList();
        output.WriteLine(string.Join(Environment.NewLine, resumed));
        Assert.True(resumed.Count >= Kills, "Hardly a kill met a run that had a checkpoint: the test shows nothing.");
        Assert.DoesNotContain(whole.ReadProgress(0).Lines, l => l.Note?.StartsWith("Going on", StringComparison.Ordinal) == true);
        Assert.Equal(Hash(whole), Hash(killed));
    }

    static async Task<RunFolder> QueueAsync(DataSetBench bench, Guid version)
    {
        var form = new TrainingDraft
        {
            DataSetVersionId = version,
            ImageSize = 32,
            BatchSize = 4,
            Epochs = 14,
        };
        var started = await new StartTrainingRun(
            bench.Folder, bench.Queue, bench.Places, bench.Folder.Data, bench.Audit, TimeProvider.System)
            .RunAsync(form, RunKind.Training, DataSetBench.Admin, Cancellation);
        var id = Assert.IsType<StartTrainingRunResult.Started>(started).RunId;
        return RunFolder.Of(bench.Folder.Data, id);
    }

    // Once so many epochs are done, the process that trains.
    static async Task<Process> TrainingChildAsync(RunFolder run, int epochs)
    {
        while (true)
        {
            Cancellation.ThrowIfCancellationRequested();
            if (run.ReadProgress(0).Lines.Any(l => l.Epoch?.Number >= epochs) && FindChild(run.Path) is { } child)
            {
                return child;
            }

            await Task.Delay(20, Cancellation);
        }
    }

    static Process? FindChild(string runPath) =>
        Process.GetProcessesByName("dotnet")
            .FirstOrDefault(p => CommandOf(p.Id).Contains($"{TrainingProcess.Argument}\0{runPath}", StringComparison.Ordinal));

    static string CommandOf(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Ended meanwhile.
            return "";
        }
    }

    static async Task EndAsync(DataSetBench bench, int number)
    {
        await using var db = bench.Folder.CreateDbContext();
        while (true)
        {
            var run = await db.TrainingRuns.AsNoTracking().SingleAsync(r => r.Number == number, Cancellation);
            if (run.State is RunState.Done or RunState.Failed)
            {
                Assert.Equal((RunState.Done, null), (run.State, run.Message));
                return;
            }

            await Task.Delay(100, Cancellation);
        }
    }

    static string Hash(RunFolder run) =>
        Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(run.Path, "best.safetensors"))));
}
