using System.Text.Json;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.DataSets;
using CovidCxr.Platform.Audit;
using CovidCxr.Platform.Jobs;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.DataSets;

/// <summary>Queues the augmentation of a divided version, as its next version.</summary>
public sealed class StartAugmentation(
    IDbContextFactory<CovidCxrDbContext> contexts, JobQueue queue, DataSetPlaces places, AuditLog audit, TimeProvider time)
{
    const int MaxWordsLength = 300;

    public async Task<ChangeDataSetResult> RunAsync(AugmentRecipe recipe, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        if (recipe.Children is < 1 or > 10)
        {
            return new ChangeDataSetResult.Refused("Make 1 to 10 pictures of each image.");
        }

        try
        {
            recipe.Values.ToOptions();
        }
        catch (ArgumentException e)
        {
            return new ChangeDataSetResult.Refused(e.Message);
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var parent = await db.DataSetVersions.AsNoTracking()
            .SingleOrDefaultAsync(v => v.Id == recipe.ParentId && v.State == DataSetState.Ready, cancellation);
        if (parent is not { IsDivided: true })
        {
            return new ChangeDataSetResult.Refused("Divide the data set first: only training images are augmented.");
        }

        if (await Task.Run(() => places.Read(parent.Id, parent.ManifestHash).Split?.Folds, cancellation) is not null)
        {
            return new ChangeDataSetResult.Refused(
                "Of a version in folds every image is tested once: let the training augment, not the disk.");
        }

        var words = $"Augmented: {recipe.Children} of each training {(recipe.AlsoValidation ? "AND VALIDATION " : "")}image, seed "
            + $"{recipe.Seed}{(recipe.Values == new AugmentationForm() ? "" : $": {recipe.Values.Words()}")}";
        var version = await ChangeDataSet.NextAsync(
            db, parent, Guid.CreateVersion7(), words[..Math.Min(words.Length, MaxWordsLength)], actor, time.GetUtcNow(),
            JsonSerializer.Serialize(new DataSetRecipe(Augment: recipe)), cancellation);
        db.DataSetVersions.Add(version);
        MakeDataSet.AddTo(queue, db, version);
        audit.AddTo(db, actor, AuditAction.DataSetChange, AuditOutcome.Succeeded, detail: $"data set version {version.Id}");
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        queue.Wake(MakeDataSet.JobKind);
        return new ChangeDataSetResult.Changed(version.Id);
    }
}
