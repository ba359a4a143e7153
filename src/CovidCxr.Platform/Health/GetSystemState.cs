using System.Runtime.InteropServices;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Jobs;
using CovidCxr.Platform.Telemetry;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Health;

public sealed record SystemState(
    string? ActiveModel, int QueuedJobs, int RunningJobs, int FailedJobs, int Studies, bool IsPostgreSql, string DataFolder, long FreeBytes,
    string Runtime, string OperatingSystem, int Cores, long MemoryBytes, string? Collector);

/// <summary>What the installation runs on and how it is loaded.</summary>
public sealed class GetSystemState(
    IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, IOptions<TelemetryOptions> telemetry)
{
    public async Task<SystemState> RunAsync(Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        Task<int> Jobs(JobState state) => db.Jobs.CountAsync(j => j.State == state, cancellation);
        var active = await db.ModelVersions.Where(m => m.IsActive).Select(m => $"{m.Name} v{m.Number} ({m.Architecture})")
            .SingleOrDefaultAsync(cancellation);
        return new(
            active, await Jobs(JobState.Queued), await Jobs(JobState.Running), await Jobs(JobState.Failed),
            await db.Studies.CountAsync(cancellation), db.IsPostgreSql, folder.Root, new DriveInfo(folder.Root).AvailableFreeSpace,
            RuntimeInformation.FrameworkDescription, RuntimeInformation.OSDescription, Environment.ProcessorCount, Environment.WorkingSet,
            telemetry.Value.Address?.Authority);
    }
}
