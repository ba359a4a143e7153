using CovidCxr.Engine.Serving;
using CovidCxr.Platform.Loops;
using CovidCxr.Platform.Nodes;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Laboratory.Models;

/// <summary>Loads the version that another program on the database has put to work, and shows which one answers here.</summary>
sealed class FollowActiveModel(
    IDbContextFactory<CovidCxrDbContext> contexts, ModelHost host, ActivateModel activate, ThisNode node, NodeNews news,
    ILogger<FollowActiveModel> logger) : BackgroundService
{
    /// <summary>What programs tell each other when another version is active.</summary>
    public const string Topic = "model";

    static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    readonly SemaphoreSlim _arrivals = new(0);
    Guid? _followed;
    bool _hasLooked;

    public override void Dispose()
    {
        _arrivals.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!node.MayHaveOthers)
        {
            return;
        }

        await Task.Yield();
        news.Listen(Topic, _ => _arrivals.Release());
        while (!stoppingToken.IsCancellationRequested)
        {
            await GuardedLoop.TryAsync(LookAsync, "The look for the active model", Every, logger, stoppingToken);
            await ((Task)_arrivals.WaitAsync(Every, stoppingToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One look. A version that cannot answer here is tried once: whoever is told by health decides.</summary>
    internal async Task LookAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var active = await db.ModelVersions.Where(m => m.IsActive).Select(m => new { m.Id, m.Sha256 }).SingleOrDefaultAsync(cancellation);
        // What it begins with is loaded by the start.
        if (active is not null && active.Id != _followed && host.Current?.Sha256 != active.Sha256
            && (_hasLooked || host.Current is not null))
        {
            node.IsBehind = true;
            if (await activate.RunAsync(active.Id, active.Id, actor: null, cancellation) is { } refusal)
            {
                // Films wait for a program where it answers, and none is answered by a version that no longer counts.
                logger.LogError("The version that is active now cannot be served here: {Refusal}", refusal);
                await activate.UnloadAsync(active.Id, cancellation);
            }
        }

        (_followed, _hasLooked, node.IsBehind) = (active?.Id, true, false);
        node.Serves = host.Current is { Sha256: var hash }
            ? await db.ModelVersions.Where(m => m.Sha256 == hash).Select(m => (int?)m.Number).SingleOrDefaultAsync(cancellation)
            : null;
    }
}
