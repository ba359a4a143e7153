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
public sealed record ImportRecipe(ImportOrigin Origin, ImportMapping Mapping, IReadOnlyDictionary<string, string> Classes);

/// <param name="Children">Pictures made of each, 1 to 10.</param>
/// <param name="AlsoValidation">The paper did so; the version says it.</param>
public sealed record AugmentRecipe(Guid ParentId, int Children, long Seed, bool AlsoValidation)
{
    /// <summary>Table 1's where a version of before has none.</summary>
    public AugmentationForm Values { get; init; } = new();
}

/// <summary>What a job makes a version of: exactly one of the two.</summary>
public sealed record DataSetRecipe(ImportRecipe? Import = null, AugmentRecipe? Augment = null);

/// <summary>Queues the import of a source as version 1 of a new data set.</summary>
public sealed class StartImport(IDbContextFactory<CovidCxrDbContext> contexts, JobQueue queue, AuditLog audit, TimeProvider time)
{
    const int MaxNameLength = 100;

    public async Task<StartImportResult> RunAsync(string name, ImportRecipe recipe, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        var classes = recipe.Classes.Where(c => !string.IsNullOrWhiteSpace(c.Value)).ToDictionary(c => c.Key, c => c.Value.Trim());
        if (name.Trim() is not { Length: > 0 and <= MaxNameLength } title || classes.Count == 0)
        {
            return new StartImportResult.Refused(
                classes.Count == 0
                    ? "Name at least one class to import."
                    : $"Give the data set a name of at most {MaxNameLength} characters.");
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (await db.DataSetVersions.AnyAsync(
            v => v.Name == title && v.State != DataSetState.Failed && v.State != DataSetState.Cancelled, cancellation))
        {
            return new StartImportResult.Refused($"There is a data set '{title}' already. Choose another name.");
        }

        var id = Guid.CreateVersion7();
        var version = new DataSetVersion
        {
            Id = id,
            SetId = id,
            Name = title,
            Number = 1,
            Change = recipe.Origin switch
            {
                { IsClinic: true } => "Imported from the clinic's own studies, under pseudonyms",
                { Folder: { } folder } => $"Imported from the folder {folder}",
                _ => "Imported from an archive",
            },
            Recipe = JsonSerializer.Serialize(new DataSetRecipe(recipe with { Classes = classes })),
            CreatedBy = actor.UserId,
            CreatedByName = actor.UserName,
            CreatedAt = time.GetUtcNow(),
        };
        db.DataSetVersions.Add(version);
        MakeDataSet.AddTo(queue, db, version);
        audit.AddTo(db, actor, AuditAction.DataSetImport, AuditOutcome.Succeeded, detail: $"data set version {id}");
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        queue.Wake(MakeDataSet.JobKind);
        return new StartImportResult.Started(id);
    }
}

public abstract record StartImportResult
{
    private StartImportResult()
    {
    }

    public sealed record Started(Guid VersionId) : StartImportResult;

    public sealed record Refused(string Message) : StartImportResult;
}
