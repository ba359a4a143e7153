using System.Globalization;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.DataSets;
using CovidCxr.Laboratory.Evaluation;
using CovidCxr.Learning.Data;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.DataSets;

/// <summary>Every change of a data set: made as its next version, from one that stays as it is.</summary>
public sealed class ChangeDataSet(
    IDbContextFactory<CovidCxrDbContext> contexts, DataSetPlaces places, FindProblems find, AuditLog audit, TimeProvider time)
{
    static readonly SplitFractions Default = new();

    /// <summary>Applies what a finding offers.</summary>
    public async Task<ChangeDataSetResult> RemedyAsync(Guid versionId, FindingKind kind, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var version = await db.DataSetVersions.AsNoTracking().SingleAsync(v => v.Id == versionId, cancellation);
        DataSetFinding? finding;
        try
        {
            finding = (await find.FindAsync(db, version, cancellation)).Found.FirstOrDefault(f => f.Kind == kind);
        }
        catch (DataSetException e)
        {
            return new ChangeDataSetResult.Refused(e.Message);
        }

        return finding switch
        {
            { Kind: FindingKind.LeakingPatients } =>
                await ApplyAsync(versionId, "Divided anew, by patient", DivideAnew, actor, cancellation),
            { Remedy: not null } => await ApplyAsync(
                versionId, $"{Words(kind)}: {finding.LeavesOut.Count} images left out", m => Without(m, finding.LeavesOut), actor,
                cancellation),
            _ => new ChangeDataSetResult.Refused("There is nothing of this kind in this version."),
        };
    }

    /// <summary>Of look-alikes that are the same film leaves the smaller out, and keeps in mind which are not.</summary>
    public Task<ChangeDataSetResult> DecideAsync(
        Guid versionId, IReadOnlyList<PairDecision> decisions, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        var same = decisions.Count(d => d.IsSameFilm);
        return ApplyAsync(
            versionId, $"Near duplicates: {same} pairs are the same film, {decisions.Count - same} are different films",
            m => Decided(m, decisions), actor, cancellation);
    }

    static ImageManifest Decided(ImageManifest manifest, IReadOnlyList<PairDecision> decisions)
    {
        string PathOf(int index) => index >= 0 && index < manifest.Images.Count
            ? manifest.Images[index].Path
            : throw new DataSetException("A pair names an image that is not in this version.");
        var different = decisions.Where(d => !d.IsSameFilm).Select(d => FilmPair.Of(PathOf(d.Larger), PathOf(d.Smaller)));
        var left = decisions.Where(d => d.IsSameFilm).Select(d => PathOf(d.Smaller)).ToHashSet(StringComparer.Ordinal);
        return Without(manifest, left) with { DifferentFilms = [.. (manifest.DifferentFilms ?? []).Union(different)] };
    }

    /// <summary>Divides the images into training, validation and test, or into folds.</summary>
    public Task<ChangeDataSetResult> DivideAsync(Guid versionId, SplitRequest request, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        if (request.Folds is { } folds)
        {
            return folds is < CrossValidate.MinFolds or > CrossValidate.MaxFolds
                ? Task.FromResult<ChangeDataSetResult>(
                    new ChangeDataSetResult.Refused($"Choose {CrossValidate.MinFolds} to {CrossValidate.MaxFolds} folds."))
                : ApplyAsync(
                    versionId, $"Divided by {(request.ByImage ? "IMAGE" : "patient")} into {folds} folds, seed {request.Seed}",
                    m => m.InFolds(folds, request.Seed, request.ByImage ? GroupBy.Image : GroupBy.Patient), actor, cancellation);
        }

        var fractions = new SplitFractions(
            Math.Round(1 - request.ValidationShare - request.TestShare, 6), request.ValidationShare, request.TestShare);
        var by = request.ByImage ? GroupBy.Image : GroupBy.Patient;
        var words = string.Create(
            CultureInfo.InvariantCulture,
            $"Divided by {(request.ByImage ? "IMAGE" : "patient")}: {fractions.Train:P0} training, {fractions.Validation:P0} validation, "
                + $"{fractions.Test:P0} test, seed {request.Seed}");
        return ApplyAsync(versionId, words, m => m.Divided(fractions, request.Seed, by), actor, cancellation);
    }

    /// <summary>Leaves augmented images out that a person discarded.</summary>
    /// <param name="indices">In the version's manifest; originals are never discarded this way.</param>
    public Task<ChangeDataSetResult> DiscardAsync(Guid versionId, IReadOnlySet<int> indices, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        return ApplyAsync(
            versionId, $"Light table: {indices.Count} augmented images discarded",
            m => m with { Images = [.. m.Images.Where((image, i) => image.Origin is null || !indices.Contains(i))] }, actor, cancellation);
    }

    static ImageManifest DivideAnew(ImageManifest manifest) => manifest.Split switch
    {
        { Folds: { } folds } split => manifest.InFolds(folds, split.Seed, GroupBy.Patient),
        { } split => manifest.Divided(split.Fractions, split.Seed, GroupBy.Patient),
        null => manifest.Divided(Default, 1, GroupBy.Patient),
    };

    static ImageManifest Without(ImageManifest manifest, IReadOnlySet<string> paths) =>
        manifest with
        {
            Images = [.. manifest.Images.Where(i => !paths.Contains(i.Path) && (i.Origin is null || !paths.Contains(i.Origin)))]
        };

    async Task<ChangeDataSetResult> ApplyAsync(
        Guid versionId, string words, Func<ImageManifest, ImageManifest> change, Actor actor, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var parent = await db.DataSetVersions.AsNoTracking()
            .SingleOrDefaultAsync(v => v.Id == versionId && v.State == DataSetState.Ready, cancellation);
        if (parent is null)
        {
            return new ChangeDataSetResult.Refused("There is no such version, or it is not ready.");
        }

        var id = Guid.CreateVersion7();
        ImageManifest manifest;
        string hash;
        try
        {
            manifest = await Task.Run(() => change(places.Read(parent.Id, parent.ManifestHash)), cancellation);
            hash = places.Write(id, manifest);
        }
        catch (Exception e) when (e is DataSetException or IOException)
        {
            return new ChangeDataSetResult.Refused(e is IOException ? "The manifest cannot be written: the disk is full." : e.Message);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var version = await NextAsync(db, parent, id, words, actor, time.GetUtcNow(), recipe: null, cancellation);
        MakeDataSet.Describe(version, manifest, hash);
        db.DataSetVersions.Add(version);
        audit.AddTo(db, actor, AuditAction.DataSetChange, AuditOutcome.Succeeded, detail: $"data set version {id}");
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return new ChangeDataSetResult.Changed(id);
    }

    internal static async Task<DataSetVersion> NextAsync(
        CovidCxrDbContext db, DataSetVersion parent, Guid id, string words, Actor actor, DateTimeOffset now, string? recipe,
        CancellationToken cancellation) => new()
        {
            Id = id,
            SetId = parent.SetId,
            ParentId = parent.Id,
            Name = parent.Name,
            Number = 1 + await db.DataSetVersions.Where(v => v.SetId == parent.SetId).MaxAsync(v => v.Number, cancellation),
            Change = words,
            Recipe = recipe,
            CreatedBy = actor.UserId,
            CreatedByName = actor.UserName,
            CreatedAt = now,
        };

    static string Words(FindingKind kind) => kind switch
    {
        FindingKind.Unreadable => "Unreadable files",
        FindingKind.ConflictingLabels => "Contradictory labels",
        FindingKind.ExactDuplicates => "Exact duplicates",
        FindingKind.InOtherDataSets => "Images of other data sets",
        FindingKind.PatientInTwoClasses => "Patients in two classes",
        FindingKind.NotFrontal => "Not frontal X-rays",
        _ => "Balanced",
    };
}

/// <param name="ValidationShare">Of the patients, 0..1; what the two leave is trained on.</param>
/// <param name="ByImage">One patient may then stand on both sides; the version and the model's card say so.</param>
/// <param name="Folds">For a cross-validation, in place of shares; null for shares.</param>
public sealed record SplitRequest(
    double ValidationShare = 0.3, double TestShare = 0, long Seed = 1, bool ByImage = false, int? Folds = null);

public abstract record ChangeDataSetResult
{
    private ChangeDataSetResult()
    {
    }

    public sealed record Changed(Guid VersionId) : ChangeDataSetResult;

    public sealed record Refused(string Message) : ChangeDataSetResult;
}
