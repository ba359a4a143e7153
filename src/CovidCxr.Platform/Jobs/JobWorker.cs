using System.Data.Common;
using System.Net.Sockets;
using CovidCxr.Domain.Jobs;
using CovidCxr.Platform.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Jobs;

/// <summary>
/// Runs jobs in this process until it stops, each attempt in a scope of its own. What a killed process leaves unfinished is found by its
/// lapsed lease.
/// </summary>
public sealed class JobWorker(
    JobQueue queue, IServiceScopeFactory scopes, ThisNode node, IOptions<JobOptions> options, TimeProvider time,
    ILogger<JobWorker> logger)
    : BackgroundService
{
    readonly string _owner = $"{node.Name}:{Environment.ProcessId}:{node.Id}";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // These are asked what belongs to no attempt: whether a kind can run, and what follows from giving up.
        await using var scope = scopes.CreateAsyncScope();
        var handlers = scope.ServiceProvider.GetServices<IJobHandler>().Where(h => node.Is(h.Role)).ToDictionary(h => h.Kind);
        await Task.WhenAll(handlers.Values.SelectMany(
            h => Enumerable.Range(0, h.Workers ?? options.Value.Workers).Select(_ => LoopAsync(h, stoppingToken))));
    }

    async Task LoopAsync(IJobHandler handler, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (handler.CanRun && !node.IsDraining && await queue.ClaimAsync(handler.Kind, _owner, stopping) is { } job)
                {
                    await WorkAsync(handler, job, stopping);
                    continue;
                }

                foreach (var abandoned in await queue.AbandonedAsync(handler.Kind, stopping))
                {
                    await GiveUpAsync(handler, abandoned, "The worker died in every attempt.", stopping);
                }

                await queue.WaitAsync(handler.Kind, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The loop is the last boundary: one bad moment of the database must not end all work.
                logger.LogError("The job loop met {Error} and goes on.", e.GetType().Name);
                await Task.Delay(options.Value.RetryDelay, time, CancellationToken.None);
            }
        }
    }

    async Task WorkAsync(IJobHandler handler, Job job, CancellationToken stopping)
    {
        using var attempt = new JobAttempt(job, time);
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var heartbeat = HeartbeatAsync(job, lost);
        try
        {
            if (await RunAsync(job, lost.Token, stopping))
            {
                attempt.Outcome = "succeeded";
                handler.Ended(job);
            }
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            // Stopped, and the next start goes on at once; or the job is another worker's by now, and then this changes nothing.
            await queue.ReleaseAsync(job);
        }
        catch (Exception e)
        {
            attempt.Outcome = "failed";
            // A handler's failure is the job's, whatever it is. Only the type is logged: a message might quote a patient.
            logger.LogWarning(
                "Job {Job} of kind {Kind} failed in attempt {Attempt}: {Error}", job.Id, job.Kind, job.Attempt, e.GetType().Name);
            await GiveUpAsync(handler, job, e.GetType().Name, stopping);
        }
        finally
        {
            await lost.CancelAsync();
            await heartbeat;
        }
    }

    /// <returns>False where another worker has claimed the job since.</returns>
    async Task<bool> RunAsync(Job job, CancellationToken lost, CancellationToken stopping)
    {
        // What the attempt holds, as the model that answers it, is given back with its scope.
        await using var scope = scopes.CreateAsyncScope();
        var handler = scope.ServiceProvider.GetServices<IJobHandler>().Single(h => h.Kind == job.Kind && node.Is(h.Role));
        return await queue.CompleteAsync(job, await handler.RunAsync(job, lost), stopping);
    }

    async Task GiveUpAsync(IJobHandler handler, Job job, string error, CancellationToken cancellation)
    {
        try
        {
            await queue.FailAsync(job, error, db => handler.GiveUpAsync(db, job), cancellation);
            handler.Ended(job);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A payload that nobody can read: such a row must end too, or it would keep the loop busy for ever.
            logger.LogError("Job {Job} of kind {Kind} cannot be given up properly: {Error}", job.Id, job.Kind, e.GetType().Name);
            await queue.FailAsync(job, error, _ => Task.CompletedTask, cancellation);
        }
    }

    /// <returns>Null where the database cannot be asked.</returns>
    async Task<bool?> IsStillOursAsync(Job job, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(options.Value.Lease / 3, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            return await queue.HeartbeatAsync(job, either.Token).WaitAsync(either.Token);
        }
        catch (Exception e) when (e is DbException or TimeoutException or SocketException or IOException
            || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            logger.LogWarning("A heartbeat of job {Job} failed: {Error}", job.Id, e.GetType().Name);
            return null;
        }
    }

    async Task HeartbeatAsync(Job job, CancellationTokenSource lost)
    {
        try
        {
            var confirmed = time.GetTimestamp();
            while (true)
            {
                await Task.Delay(options.Value.Lease / 3, time, lost.Token);
                var asked = time.GetTimestamp();
                var isOurs = await IsStillOursAsync(job, lost.Token);
                confirmed = isOurs == true ? asked : confirmed;
                // Whoever has not been heard for so long is given up: what it holds beside the database, it leaves before that.
                if (isOurs == false || (node.MayHaveOthers && time.GetElapsedTime(confirmed) >= options.Value.Lease * 2 / 3))
                {
                    await lost.CancelAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The work has ended.
        }
    }
}
