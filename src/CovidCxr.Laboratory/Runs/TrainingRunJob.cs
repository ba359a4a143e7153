using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Jobs;
using CovidCxr.Domain.Runs;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Laboratory.Models;
using CovidCxr.Laboratory.Plans;
using CovidCxr.Platform.Audit;
using CovidCxr.Platform.Jobs;
using CovidCxr.Platform.Nodes;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CovidCxr.Laboratory.Runs;

/// <summary>
/// The job behind a training run: starts the process that trains, passes on what the administrator asks for, and registers the model.
/// A process that dies is started again and goes on from its last checkpoint.
/// </summary>
public sealed class TrainingRunJob(
    IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, RetrainingRoot root, DataSetPlaces places,
    IOptions<TrainingMachineOptions> options, RegisterModel register, AuditLog audit, TimeProvider time) : IJobHandler
{
    public const string JobKind = "retrain";

    // A restart of the application costs an attempt, and a run may last through many.
    const int MaxAttempts = 50;

    const string GivenUp = "The application died again and again while this run was at work; the log of the run says how far it came.";

    static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(500), Patience = TimeSpan.FromSeconds(20);

    public sealed record Payload(Guid RunId);

    /// <summary>Queues a run in a context that the caller saves.</summary>
    public static void AddTo(JobQueue queue, CovidCxrDbContext db, TrainingRun run) =>
        queue.AddTo(db, JobKind, JsonSerializer.Serialize(new Payload(run.Id)), MaxAttempts);

    public string Kind => JobKind;

    public NodeRoles Role => NodeRoles.Trainer;

    public bool CanRun => true;

    /// <summary>One run at a time on a device; the others wait.</summary>
    public int? Workers => 1;

    public async Task<Func<CovidCxrDbContext, Task>> RunAsync(Job job, CancellationToken cancellation)
    {
        var runId = RunOf(job);
        var run = await BeginAsync(runId, cancellation);
        if (run.Request == RunRequest.Cancel)
        {
            return db => EndAsync(db, runId, RunState.Cancelled, null, null);
        }

        var place = RunFolder.Of(folder, runId);
        var order = new RunFolder.Order(
            run.DataSetVersionId is null ? root.Path : places.Root, run.Kind, ActiveModel: await ActiveModelAsync(cancellation),
            Margin: await PlannedMarginAsync(run, cancellation));
        var deaths = new RunDeaths(place);
        var lastLines = new LastLines();
        var (request, exitCode) = await WorkAsync(run, place, order, lastLines, cancellation);
        if (place.ReadResult() is { } result)
        {
            return await ConcludeAsync(runId, result, request, cancellation);
        }

        if (deaths.Add(exitCode, lastLines.ToString(), out var cause) < RunDeaths.Most)
        {
            place.Note(time.GetUtcNow(), $"The training process died ({cause}). It starts again by itself.");
            throw new InvalidOperationException("The training process ended without a result.");
        }

        var reason = $"The training process died {RunDeaths.Most} times without coming further ({cause}).";
        place.Note(time.GetUtcNow(), reason + " It is given up; the best epoch so far is kept.");
        (request, _) = await WorkAsync(run, place, order with { StopReason = reason }, lastLines, cancellation);
        return await ConcludeAsync(runId, place.ReadResult() ?? new(RunFolder.Ending.Refused, null, reason), request, cancellation);
    }

    async Task<(RunRequest Request, int ExitCode)> WorkAsync(
        TrainingRun run, RunFolder place, RunFolder.Order order, LastLines lastLines, CancellationToken cancellation)
    {
        place.Prepare(run.Configuration, order);
        using var process = Start(place);
        process.ErrorDataReceived += (_, e) => lastLines.Add(e.Data);
        process.BeginErrorReadLine();
        try
        {
            var request = await FollowAsync(process, run.Id, cancellation);
            // Its last words may come after its end.
            await process.WaitForExitAsync(cancellation);
            return (request, process.ExitCode);
        }
        finally
        {
            await LetGoAsync(process);
        }
    }

    public Task GiveUpAsync(CovidCxrDbContext db, Job job) =>
        EndAsync(db, RunOf(job), RunState.Failed, GivenUp, null);

    public void Ended(Job job)
    {
    }

    async Task<TrainingRun> BeginAsync(Guid runId, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var run = await db.TrainingRuns.SingleAsync(r => r.Id == runId, cancellation);
        if (run.Request != RunRequest.Cancel)
        {
            (run.State, run.Message) = (RunState.Running, null);
            if (run.OffPlan is null && RunPlan.Departure(run) is { } departure)
            {
                run.LeavePlan(departure);
                audit.AddTo(
                    db, actor: null, AuditAction.PlanDeparture, AuditOutcome.Succeeded, detail: RunPlan.AuditDeparture(run.Number));
            }

            await db.SaveChangesAsync(cancellation);
        }

        return run;
    }

    async Task<string?> ActiveModelAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await db.ModelVersions.Where(m => m.IsActive).Select(m => m.FileKey).SingleOrDefaultAsync(cancellation) is { } key
            ? Path.Combine(folder.Models, key)
            : null;
    }

    // An evaluation judges by the plan of the run that made its model.
    async Task<double?> PlannedMarginAsync(TrainingRun run, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var plan = run.Plan ?? (run.ModelVersionId is not { } version ? null : await db.TrainingRuns
            .Where(r => r.ModelVersionId == version && r.Plan != null).OrderBy(r => r.Number).Select(r => r.Plan)
            .FirstOrDefaultAsync(cancellation));
        return TrainingPlan.TryRead(plan)?.Margin;
    }

    Process Start(RunFolder place)
    {
        var program = Environment.ProcessPath!;
        string[] prefix =
            Path.GetFileNameWithoutExtension(program) == "dotnet" ? [System.Reflection.Assembly.GetEntryAssembly()!.Location] : [];
        var start = new ProcessStartInfo(program, [.. prefix, TrainingProcess.Argument, place.Path])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true
        };
        var threads = options.Value.Threads > 0 ? options.Value.Threads : Math.Max(1, Environment.ProcessorCount - 1);
        start.Environment["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        // Threads that spin at a barrier would take the core that predictions need.
        start.Environment["OMP_WAIT_POLICY"] = "PASSIVE";
        return Process.Start(start)!;
    }

    async Task<RunRequest> FollowAsync(Process process, Guid runId, CancellationToken cancellation)
    {
        var passedOn = RunRequest.GoOn;
        while (!process.HasExited)
        {
            await Task.WhenAny(process.WaitForExitAsync(cancellation), Task.Delay(Glance, time, cancellation));
            cancellation.ThrowIfCancellationRequested();
            await using var db = await contexts.CreateDbContextAsync(cancellation);
            var request = await db.TrainingRuns.Where(r => r.Id == runId).Select(r => r.Request).SingleAsync(cancellation);
            if (request != passedOn && !process.HasExited)
            {
                passedOn = request;
                await process.StandardInput.WriteLineAsync(
                    request == RunRequest.StopAndKeepBest ? TrainingProcess.StopWord : TrainingProcess.PauseWord);
                await process.StandardInput.FlushAsync(cancellation);
            }
        }

        return passedOn;
    }

    async Task<Func<CovidCxrDbContext, Task>> ConcludeAsync(
        Guid runId, RunFolder.Result result, RunRequest request, CancellationToken cancellation)
    {
        if (request == RunRequest.Cancel)
        {
            return db => EndAsync(db, runId, RunState.Cancelled, null, null);
        }

        switch (result)
        {
            case { Ending: RunFolder.Ending.Finished, ModelPath: { } model }:
                var version = await register.RunAsync(model, actor: null, cancellation);
                return db => EndAsync(db, runId, RunState.Done, result.Message, version);
            case { Ending: RunFolder.Ending.Finished }:
                return db => EndAsync(db, runId, RunState.Done, result.Message, null);
            case { Ending: RunFolder.Ending.Interrupted } when request == RunRequest.Pause:
                return db => EndAsync(db, runId, RunState.Paused, null, null);
            case { Ending: RunFolder.Ending.Interrupted }:
                throw new InvalidOperationException("The training process was interrupted.");
            default:
                return db => EndAsync(db, runId, RunState.Failed, result.Message, null);
        }
    }

    async Task EndAsync(CovidCxrDbContext db, Guid runId, RunState state, string? message, Guid? version)
    {
        var run = await db.TrainingRuns.SingleAsync(r => r.Id == runId);
        (run.State, run.Request, run.Message) = (state, RunRequest.GoOn, message);
        // An evaluation has its model from the beginning.
        run.ModelVersionId = version ?? run.ModelVersionId;
        run.FinishedAt = state == RunState.Paused ? null : time.GetUtcNow();
        await AddGateAsync(db, run);
        var outcome = state == RunState.Failed ? AuditOutcome.Failed : AuditOutcome.Succeeded;
        audit.AddTo(db, actor: null, AuditAction.RetrainingEnd, outcome, detail: $"run {run.Number}: {state}");
    }

    // A candidate comes with what the gate says of it. A job that is repeated finds that it has been stored.
    async Task AddGateAsync(CovidCxrDbContext db, TrainingRun run)
    {
        var path = RunFolder.Of(folder, run.Id).Gate;
        if (run is { State: RunState.Done, ModelVersionId: { } version } && File.Exists(path)
            && !await db.GateResults.AnyAsync(g => g.RunId == run.Id))
        {
            db.GateResults.Add(new()
            {
                ModelVersionId = version,
                RunId = run.Id,
                MeasuredAt = time.GetUtcNow(),
                Evidence = await File.ReadAllTextAsync(path),
            });
        }
    }

    // The end of its input makes the process save and stop; one that does not is ended, and goes on from an older checkpoint later.
    static async Task LetGoAsync(Process process)
    {
        if (process.HasExited)
        {
            return;
        }

        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>What a process says on its standard error, where libtorch explains its end; passed on to this one's.</summary>
    sealed class LastLines
    {
        const int Most = 100;

        readonly Queue<string> _lines = new();

        public void Add(string? line)
        {
            if (line is null)
            {
                return;
            }

            Console.Error.WriteLine(line);
            lock (_lines)
            {
                _lines.Enqueue(line);
                if (_lines.Count > Most)
                {
                    _lines.Dequeue();
                }
            }
        }

        public override string ToString()
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    static Guid RunOf(Job job) => JsonSerializer.Deserialize<Payload>(job.Payload)!.RunId;
}
