using System.Text.Json;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.DataSets;
using CovidCxr.Laboratory.DataSets.Sources;
using CovidCxr.Platform.Audit;
using CovidCxr.Platform.Jobs;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.DataSets;

/// <param name="Classes">By the source's own class: the class to call it; one that is not named is left out.</param>
public sealed record ImportRecipe(ImportOrigin Origin, ImportMapping Mapping, IReadOnlyDictionary<string, string> Classes)
{
    /// <summary>The collection's name; null for the folder's, or the data set's.</summary>
    public string? Source { get; init; }

    /// <summary>The version whose data set gets these images as its next version; null for a data set of their own.</summary>
    public Guid? AddedTo { get; init; }
}

/// <param name="Children">Pictures made of each, 1 to 10.</param>
/// <param name="AlsoValidation">The paper did so; the version says it.</param>
public sealed record AugmentRecipe(Guid ParentId, int Children, long Seed, bool AlsoValidation)
{
    /// <summary>Table 1's where a version of before has none.</summary>
    public AugmentationForm Values { get; init; } = new();
}

/// <summary>What a job makes a version of: exactly one of the two.</summary>
public sealed record DataSetRecipe(ImportRecipe? Import = null, AugmentRecipe? Augment = null);

/// <summary>Queues the import of a source as version 1 of a new data set, or as the next version of one that is there.</summary>
public sealed class StartImport(IDbContextFactory<CovidCxrDbContext> contexts, JobQueue queue, AuditLog audit, TimeProvider time)
{
    const int MaxNameLength = 100;

    /// <param name="name">Of the new data set; of no account where the images are added to one.</param>
    public async Task<StartImportResult> RunAsync(string name, ImportRecipe recipe, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        var classes = recipe.Classes.Where(c => !string.IsNullOrWhiteSpace(c.Value)).ToDictionary(c => c.Key, c => c.Value.Trim());
        recipe = recipe with { Classes = classes, Source = string.IsNullOrWhiteSpace(recipe.Source) ? null : recipe.Source.Trim() };
        if (recipe.AddedTo is null && name.Trim().Length is 0 or > MaxNameLength || classes.Count == 0
            || recipe.Source?.Length > MaxNameLength)
        {
            return new StartImportResult.Refused(
                classes.Count == 0
                    ? "Name at least one class to import."
                    : $"Give the data set and the collection a name of at most {MaxNameLength} characters.");
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var (version, refusal) = recipe.AddedTo is null
            ? await NewAsync(db, name.Trim(), recipe, actor, cancellation)
            : await NextAsync(db, recipe, actor, cancellation);
        if (version is null)
        {
            return new StartImportResult.Refused(refusal!);
        }

        var id = version.Id;
        db.DataSetVersions.Add(version);
        MakeDataSet.AddTo(queue, db, version);
        audit.AddTo(db, actor, AuditAction.DataSetImport, AuditOutcome.Succeeded, detail: $"data set version {id}");
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        queue.Wake(MakeDataSet.JobKind);
        return new StartImportResult.Started(id);
    }

    async Task<(DataSetVersion? Version, string? Refusal)> NewAsync(
        CovidCxrDbContext db, string title, ImportRecipe recipe, Actor actor, CancellationToken cancellation)
    {
        if (await db.DataSetVersions.AnyAsync(
            v => v.Name == title && v.State != DataSetState.Failed && v.State != DataSetState.Cancelled, cancellation))
        {
            return (null, $"There is a data set '{title}' already. Choose another name, or add the images to it.");
        }

        var id = Guid.CreateVersion7();
        return (
            new()
            {
                Id = id,
                SetId = id,
                Name = title,
                Number = 1,
                Change = $"Imported from {Words(recipe)}",
                Recipe = JsonSerializer.Serialize(new DataSetRecipe(recipe)),
                CreatedBy = actor.UserId,
                CreatedByName = actor.UserName,
                CreatedAt = time.GetUtcNow(),
            },
            null);
    }

    async Task<(DataSetVersion? Version, string? Refusal)> NextAsync(
        CovidCxrDbContext db, ImportRecipe recipe, Actor actor, CancellationToken cancellation)
    {
        var parent = await db.DataSetVersions.AsNoTracking()
            .SingleOrDefaultAsync(v => v.Id == recipe.AddedTo && v.State == DataSetState.Ready, cancellation);
        return parent is null
            ? (null, "There is no such version to add to, or it is not ready.")
            : (
                await ChangeDataSet.NextAsync(
                    db, parent, Guid.CreateVersion7(), $"Added from {Words(recipe)}; to be divided anew", actor, time.GetUtcNow(),
                    JsonSerializer.Serialize(new DataSetRecipe(recipe)), cancellation),
                null);
    }

    static string Words(ImportRecipe recipe) => recipe.Origin switch
    {
        { IsClinic: true } => "the clinic's own studies, under pseudonyms",
        { Folder: { } folder } => $"the folder {folder}",
        _ => "an archive",
    };
}

public abstract record StartImportResult
{
    private StartImportResult()
    {
    }

    public sealed record Started(Guid VersionId) : StartImportResult;

    public sealed record Refused(string Message) : StartImportResult;
}
