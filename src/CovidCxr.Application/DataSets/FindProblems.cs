using CovidCxr.Application.Accounts;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Training;
using CovidCxr.Learning.Data;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Application.DataSets;

/// <summary>What is wrong with a version, alone and beside the newest versions of the other data sets.</summary>
public sealed class FindProblems(IDbContextFactory<CovidCxrDbContext> contexts, DataSetPlaces places)
{
    /// <exception cref="DataSetException">A manifest cannot be read.</exception>
    public async Task<DataSetFindings> RunAsync(Guid versionId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await FindAsync(db, await db.DataSetVersions.AsNoTracking().SingleAsync(v => v.Id == versionId, cancellation), cancellation);
    }

    internal async Task<DataSetFindings> FindAsync(CovidCxrDbContext db, DataSetVersion version, CancellationToken cancellation)
    {
        var ready = await db.DataSetVersions.AsNoTracking().Where(v => v.SetId != version.SetId && v.State == DataSetState.Ready).ToListAsync(cancellation);
        var newest = ready.GroupBy(v => v.SetId).Select(g => g.MaxBy(v => v.Number)!);
        return await Task.Run(
            () => new InspectManifest(places.Read(version.Id, version.ManifestHash), [.. newest.Select(v => (v.Name, places.Read(v.Id, v.ManifestHash)))]).Run(), cancellation);
    }
}
