using System.Runtime.InteropServices;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Jobs;
using CovidCxr.Platform.Nodes;
using CovidCxr.Platform.Telemetry;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Health;

/// <param name="Programs">On the database; none on SQLite, which has one.</param>
/// <param name="Queue">Kinds of jobs of which some wait or are at work.</param>
public sealed record SystemState(
    string? ActiveModel, int QueuedJobs, int RunningJobs, int FailedJobs, int Studies, bool IsPostgreSql, string DataFolder, long FreeBytes,
    string Runtime, string OperatingSystem, int Cores, long MemoryBytes, string? Collector, IReadOnlyList<ProgramState> Programs,
    IReadOnlyList<QueueState> Queue);

/// <param name="Jobs">That it holds.</param>
public sealed record ProgramState(NodeView Node, int Jobs);

/// <param name="Oldest">Since when the oldest of those that wait could be worked on; null where none waits.</param>
/// <param name="LapsesFirst">When the first of the leases ends unless its program is heard before; null where none is at work.</param>
public sealed record QueueState(string Kind, int Waiting, int Running, DateTimeOffset? Oldest, DateTimeOffset? LapsesFirst);

/// <summary>What the installation runs on and how it is loaded.</summary>
public sealed class GetSystemState(
    IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, ThisNode node, IOptions<TelemetryOptions> telemetry)
{
    public async Task<SystemState> RunAsync(Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var active = await db.ModelVersions.Where(m => m.IsActive).Select(m => $"{m.Name} v{m.Number} ({m.Architecture})")
            .SingleOrDefaultAsync(cancellation);
        var queue = await QueueAsync(db, cancellation);
        return new(
            active, queue.Sum(k => k.Waiting), queue.Sum(k => k.Running),
            await db.Jobs.CountAsync(j => j.State == JobState.Failed, cancellation), await db.Studies.CountAsync(cancellation),
            db.IsPostgreSql, folder.Root, new DriveInfo(folder.Root).AvailableFreeSpace,
            RuntimeInformation.FrameworkDescription, RuntimeInformation.OSDescription, Environment.ProcessorCount, Environment.WorkingSet,
            telemetry.Value.Address?.Authority, await ProgramsAsync(db, cancellation), queue);
    }

    async Task<IReadOnlyList<ProgramState>> ProgramsAsync(CovidCxrDbContext db, CancellationToken cancellation)
    {
        var owners = await db.Jobs.Where(j => j.State == JobState.Running && j.LeaseOwner != null).Select(j => j.LeaseOwner!)
            .ToListAsync(cancellation);
        return [.. (await NodePresence.ListAsync(db, node, cancellation)).Select(
            n => new ProgramState(n, owners.Count(o => o.EndsWith(n.Id, StringComparison.Ordinal))))];
    }

    static async Task<IReadOnlyList<QueueState>> QueueAsync(CovidCxrDbContext db, CancellationToken cancellation)
    {
        var open = await db.Jobs.Where(j => j.State == JobState.Queued || j.State == JobState.Running)
            .GroupBy(j => new { j.Kind, j.State })
            .Select(g => new
            {
                g.Key.Kind,
                g.Key.State,
                Count = g.Count(),
                Oldest = g.Min(j => j.NotBefore),
                First = g.Min(j => j.LeaseUntil),
            })
            .ToListAsync(cancellation);
        return [.. open.GroupBy(o => o.Kind, StringComparer.Ordinal).OrderBy(k => k.Key, StringComparer.Ordinal).Select(k =>
        {
            var waiting = k.SingleOrDefault(o => o.State == JobState.Queued);
            var running = k.SingleOrDefault(o => o.State == JobState.Running);
            return new QueueState(k.Key, waiting?.Count ?? 0, running?.Count ?? 0, waiting?.Oldest, running?.First);
        })];
    }
}
