using System.Data.Common;
using System.Net.Sockets;
using CovidCxr.Domain.Jobs;
using CovidCxr.Platform.Nodes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Jobs;

/// <summary>Runs jobs in this process until it stops. What a killed process leaves unfinished is found by its lapsed lease.</summary>
public sealed class JobWorker(
    JobQueue queue, IEnumerable<IJobHandler> handlers, ThisNode node, IOptions<JobOptions> options, TimeProvider time,
    ILogger<JobWorker> logger)
    : BackgroundService
{
    readonly Dictionary<string, IJobHandler> _handlers = handlers.Where(h => node.Is(h.Role)).ToDictionary(h => h.Kind);
    readonly string _owner = $"{node.Name}:{Environment.ProcessId}:{node.Id}";

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(_handlers.Values.SelectMany(
            h => Enumerable.Range(0, h.Workers ?? options.Value.Workers).Select(_ => LoopAsync(h, stoppingToken))));

    async Task LoopAsync(IJobHandler handler, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (handler.CanRun && !node.IsDraining && await queue.ClaimAsync(handler.Kind, _owner, stopping) is { } job)
                {
                    await WorkAsync(job, stopping);
                    continue;
                }

                foreach (var abandoned in await queue.AbandonedAsync(handler.Kind, stopping))
                {
                    await GiveUpAsync(abandoned, "The worker died in every attempt.", stopping);
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

    async Task WorkAsync(Job job, CancellationToken stopping)
    {
        using var attempt = new JobAttempt(job, time);
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var heartbeat = HeartbeatAsync(job, lost);
        try
        {
            var store = await _handlers[job.Kind].RunAsync(job, lost.Token);
            if (await queue.CompleteAsync(job, store, stopping))
            {
                attempt.Outcome = "succeeded";
                _handlers[job.Kind].Ended(job);
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
            await GiveUpAsync(job, e.GetType().Name, stopping);
        }
        finally
        {
            await lost.CancelAsync();
            await heartbeat;
        }
    }

    async Task GiveUpAsync(Job job, string error, CancellationToken cancellation)
    {
        try
        {
            await queue.FailAsync(job, error, db => _handlers[job.Kind].GiveUpAsync(db, job), cancellation);
            _handlers[job.Kind].Ended(job);
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
