using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Runs;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Laboratory.Models;
using CovidCxr.Laboratory.Runs;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CovidCxr.Laboratory.Cards;

/// <param name="At">When it was read.</param>
public sealed record ReportingView(Guid Id, int Number, string Name, DateTimeOffset At, IReadOnlyList<ReportingGuideline> Guidelines);

/// <summary>
/// The items of two reporting guidelines, filled from what is recorded of a version and from nothing else. Null where there is none with
/// this id.
/// </summary>
public sealed class GetReportingItems(
    IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, DataSetPlaces places, IOptions<ModelOptions> options,
    TimeProvider time)
{
    public async Task<ReportingView?> RunAsync(Guid versionId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand([.. Role.All]);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (await db.ModelVersions.AsNoTracking().SingleOrDefaultAsync(m => m.Id == versionId, cancellation) is not { } version
            || !ListModels.MaySee(actor, version))
        {
            return null;
        }

        var facts = await FactsAsync(db, version, cancellation);
        return new(version.Id, version.Number, version.Name, time.GetUtcNow(), Of(facts));
    }

    /// <summary>Of a file that is not registered: what it says of itself is all that is recorded.</summary>
    /// <exception cref="ModelFileException">It is no model file.</exception>
    public static IReadOnlyList<ReportingGuideline> OfFile(string path)
    {
        var file = ModelFile.Read(path);
        var facts = new CardFacts(file.Header, file.Sha256);
        return Of(facts with { Ancestors = Ancestry.Of(facts, []) });
    }

    internal static IReadOnlyList<ReportingGuideline> Of(CardFacts facts) => [ClaimItems.Of(facts), TripodItems.Of(facts)];

    async Task<CardFacts> FactsAsync(CovidCxrDbContext db, ModelVersion version, CancellationToken cancellation)
    {
        var run = await db.TrainingRuns.AsNoTracking().Where(r => r.ModelVersionId == version.Id && r.Kind == RunKind.Training)
            .OrderBy(r => r.Number).FirstOrDefaultAsync(cancellation);
        var set = run is null
            ? null
            : await db.DataSetVersions.AsNoTracking().SingleOrDefaultAsync(v => v.Id == run.DataSetVersionId, cancellation);
        var accepted = await db.LocalAcceptances.AsNoTracking().Where(a => a.ModelVersionId == version.Id).OrderByDescending(a => a.Id)
            .FirstOrDefaultAsync(cancellation);
        var facts = new CardFacts(ModelHeader.FromJson(version.HeaderJson), version.Sha256);
        return facts with
        {
            RunNumber = run?.Number,
            RunCreatedAt = run?.CreatedAt,
            DataSet = set,
            Manifest = set is null ? null : await Task.Run(() => TryRead(set.Id, set.ManifestHash), cancellation),
            Evaluation = run is null ? null : await GetEvaluation.ReadAsync(RunFolder.Of(folder, run.Id), cancellation),
            Acceptance = await Acceptance.ReadAsync(db, version, options.Value, cancellation),
            AcceptedHere = LocalAcceptance.InForce(accepted, version.Sha256),
            Ancestors = Ancestry.Of(facts, await db.ModelVersions.AsNoTracking().ToListAsync(cancellation)),
        };
    }

    // A damaged manifest is one that says nothing.
    ImageManifest? TryRead(Guid id, string? hash)
    {
        try
        {
            return places.Read(id, hash);
        }
        catch (DataSetException)
        {
            return null;
        }
    }
}
