using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.DataSets;
using CovidCxr.Learning.Data;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.DataSets;

/// <summary>How a version's images are divided; augmented ones count.</summary>
/// <param name="Folds">How many folds; null where the parts are training, validation and test.</param>
public sealed record DivisionView(bool IsByImage, long Seed, int Training, int Validation, int Test, int? Folds);

/// <summary>What a network would be trained, chosen and tested on.</summary>
public sealed class DescribeDivision(IDbContextFactory<CovidCxrDbContext> contexts, DataSetPlaces places)
{
    /// <returns>Null where the version is not divided, not ready or cannot be read: the run says why when it is started.</returns>
    public async Task<DivisionView?> RunAsync(Guid versionId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var version = await db.DataSetVersions.AsNoTracking()
            .SingleOrDefaultAsync(v => v.Id == versionId && v.State == DataSetState.Ready, cancellation);
        try
        {
            return version is null ? null : await Task.Run(() => Of(places.Read(versionId, version.ManifestHash)), cancellation);
        }
        catch (DataSetException)
        {
            return null;
        }
    }

    static DivisionView? Of(ImageManifest manifest)
    {
        int In(DataPart part) => manifest.Images.Count(i => i.Part == part);
        return manifest.Split is { } split
            ? new(
                split.By == GroupBy.Image, split.Seed, In(DataPart.Train), In(DataPart.Validation), In(DataPart.Test), split.Folds)
            : null;
    }
}
