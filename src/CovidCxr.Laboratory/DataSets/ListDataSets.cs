using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.DataSets;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.DataSets;

/// <summary>A version as lists show it.</summary>
public sealed record DataSetVersionView(
    Guid Id, Guid SetId, string Name, int Number, string Change, DataSetState State, int Done, int Total, bool IsCancelWished,
    string? Message, int Images, int Patients, bool IsDivided, string? ManifestHash, string CreatedBy, DateTimeOffset CreatedAt)
{
    public string Title => $"{Name}, version {Number}";

    internal static DataSetVersionView Of(DataSetVersion v) => new(
        v.Id, v.SetId, v.Name, v.Number, v.Change, v.State, v.Done, v.Total, v.IsCancelWished, v.Message, v.Images, v.Patients, v.IsDivided,
        v.ManifestHash, v.CreatedByName, v.CreatedAt);
}

/// <summary>Every version of every data set, the newest first.</summary>
public sealed class ListDataSets(IDbContextFactory<CovidCxrDbContext> contexts)
{
    public async Task<IReadOnlyList<DataSetVersionView>> RunAsync(Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var versions = await db.DataSetVersions.AsNoTracking().OrderByDescending(v => v.CreatedAt).ToListAsync(cancellation);
        return versions.ConvertAll(DataSetVersionView.Of);
    }
}

/// <summary>One version and all versions of its data set.</summary>
public sealed class GetDataSet(IDbContextFactory<CovidCxrDbContext> contexts)
{
    /// <returns>Null where there is no such version.</returns>
    public async Task<GetDataSetResult?> RunAsync(Guid versionId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await db.DataSetVersions.AsNoTracking().SingleOrDefaultAsync(v => v.Id == versionId, cancellation) is { } version
            ? new(
                DataSetVersionView.Of(version),
                (await db.DataSetVersions.AsNoTracking().Where(v => v.SetId == version.SetId).OrderBy(v => v.Number).ToListAsync(
                    cancellation))
                    .ConvertAll(DataSetVersionView.Of))
            : null;
    }
}

public sealed record GetDataSetResult(DataSetVersionView Version, IReadOnlyList<DataSetVersionView> All);

/// <summary>Ends the making of a version.</summary>
public sealed class CancelDataSet(IDbContextFactory<CovidCxrDbContext> contexts)
{
    public async Task RunAsync(Guid versionId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await db.DataSetVersions.Where(v => v.Id == versionId && v.State == DataSetState.Making)
            .ExecuteUpdateAsync(s => s.SetProperty(v => v.IsCancelWished, true), cancellation);
    }
}
