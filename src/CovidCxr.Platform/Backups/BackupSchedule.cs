using CovidCxr.Storage.Backups;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Backups;

/// <summary>Makes a backup whenever the newest is old enough, and deletes what is too many.</summary>
public sealed class BackupSchedule(Backup backup, IOptions<BackupOptions> options, TimeProvider time, ILogger<BackupSchedule> logger)
    : BackgroundService
{
    static readonly TimeSpan Look = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, time);
        while (options.Value.Folder.Length > 0 && await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RunAsync(stoppingToken);
            }
            catch (Exception e) when (e is BackupException or IOException or UnauthorizedAccessException)
            {
                logger.LogError("No backup could be made, and the next look tries again: {Reason}", e.Message);
            }
        }
    }

    /// <summary>One look.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var known = Backup.In(options.Value.Folder, time.GetUtcNow());
        if (known is [var newest, ..] && time.GetUtcNow() - newest.MadeAt < options.Value.Every)
        {
            return;
        }

        var (place, manifest) = await backup.MakeAsync(options.Value.Folder, cancellation);
        logger.LogInformation("Backup of {Studies} studies, {Bytes} bytes, in {Place}", manifest.Studies, manifest.Bytes, place);
        foreach (var (old, _) in Backup.In(options.Value.Folder, time.GetUtcNow()).Skip(options.Value.Keep))
        {
            Directory.Delete(old, recursive: true);
        }
    }
}

/// <summary>Whether the newest backup is as young as it is meant to be.</summary>
sealed class BackupHealth(IOptions<BackupOptions> options, TimeProvider time) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Judge());

    HealthCheckResult Judge() => (options.Value.Folder, Backup.In(options.Value.Folder, time.GetUtcNow())) switch
    {
        ("", _) => HealthCheckResult.Healthy(),
        (_, []) => HealthCheckResult.Degraded("none was made yet"),
        (_, [var newest, ..]) when time.GetUtcNow() - newest.MadeAt > 2 * options.Value.Every =>
            HealthCheckResult.Degraded($"the newest is {Hours(time.GetUtcNow() - newest.MadeAt)} old"),
        _ => HealthCheckResult.Healthy(),
    };

    static string Hours(TimeSpan age) => (int)age.TotalHours is var hours && hours == 1 ? "1 hour" : $"{hours} hours";
}
