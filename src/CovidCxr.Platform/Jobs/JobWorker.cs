using System.Data.Common;
using CovidCxr.Domain.Jobs;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Jobs;

/// <summary>Runs jobs in this process until it stops. What a killed process leaves unfinished is found by its lapsed lease.</summary>
public sealed class JobWorker(
    JobQueue queue, IEnumerable<IJobHandler> handlers, IOptions<JobOptions> options, TimeProvider time, ILogger<JobWorker> logger)
    : BackgroundService
{
    readonly Dictionary<string, IJobHandler> _handlers = handlers.ToDictionary(h => h.Kind);
    readonly string _owner = $"{Environment.MachineName}:{Environment.ProcessId}";

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(_handlers.Values.SelectMany(
            h => Enumerable.Range(0, h.Workers ?? options.Value.Workers).Select(_ => LoopAsync(h, stoppingToken))));

    async Task LoopAsync(IJobHandler handler, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (handler.CanRun && await queue.ClaimAsync(handler.Kind, _owner, stopping) is { } job)
                {
                    await WorkAsync(job, stopping);
                    continue;
                }

                foreach (var abandoned in await queue.AbandonedAsync(stopping))
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

    async Task<bool> IsStillOursAsync(Job job, CancellationToken cancellation)
    {
        try
        {
            return await queue.HeartbeatAsync(job, cancellation);
        }
        catch (DbException e)
        {
            // A third of the lease has passed: the next beat is in time still.
            logger.LogWarning("A heartbeat of job {Job} failed: {Error}", job.Id, e.GetType().Name);
            return true;
        }
    }

    async Task HeartbeatAsync(Job job, CancellationTokenSource lost)
    {
        try
        {
            while (true)
            {
                await Task.Delay(options.Value.Lease / 3, time, lost.Token);
                if (!await IsStillOursAsync(job, lost.Token))
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
