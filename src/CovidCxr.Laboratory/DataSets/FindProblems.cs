using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.DataSets;
using CovidCxr.Learning.Data;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.DataSets;

/// <summary>
/// What is wrong with a version, alone and beside the newest versions of the other data sets. Recorded, because its films are shown with
/// it.
/// </summary>
public sealed class FindProblems(IDbContextFactory<CovidCxrDbContext> contexts, DataSetPlaces places, AuditLog audit)
{
    public async Task<FindProblemsResult> RunAsync(Guid versionId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        try
        {
            var findings = await FindAsync(
                db, await db.DataSetVersions.AsNoTracking().SingleAsync(v => v.Id == versionId, cancellation), cancellation);
            await audit.RecordAsync(
                actor, AuditAction.TrainingView, AuditOutcome.Succeeded, detail: $"data set version {versionId}: findings");
            return new FindProblemsResult.Found(findings);
        }
        catch (DataSetException e)
        {
            return new FindProblemsResult.Refused(e.Message);
        }
    }

    /// <exception cref="DataSetException">The version's own manifest cannot be read.</exception>
    internal async Task<DataSetFindings> FindAsync(CovidCxrDbContext db, DataSetVersion version, CancellationToken cancellation)
    {
        var ready = await db.DataSetVersions.AsNoTracking().Where(v => v.SetId != version.SetId && v.State == DataSetState.Ready)
            .ToListAsync(cancellation);
        var newest = ready.GroupBy(v => v.SetId).Select(g => g.MaxBy(v => v.Number)!);
        return await Task.Run(() => Inspect(version, newest), cancellation);
    }

    // Of another data set that is damaged this one's page must not die.
    DataSetFindings Inspect(DataSetVersion version, IEnumerable<DataSetVersion> newest)
    {
        var manifest = places.Read(version.Id, version.ManifestHash);
        var (others, unread) = (new List<(string, ImageManifest)>(), new List<string>());
        foreach (var other in newest)
        {
            try
            {
                others.Add((other.Name, places.Read(other.Id, other.ManifestHash)));
            }
            catch (DataSetException e)
            {
                unread.Add($"Not compared with the data set {other.Name}, version {other.Number}: {e.Message}");
            }
        }

        var findings = new InspectManifest(manifest, others).Run();
        return findings with { Remarks = [.. findings.Remarks, .. unread] };
    }
}

public abstract record FindProblemsResult
{
    private FindProblemsResult()
    {
    }

    public sealed record Found(DataSetFindings Findings) : FindProblemsResult;

    /// <param name="Message">Why nothing can be said of this version.</param>
    public sealed record Refused(string Message) : FindProblemsResult;
}
