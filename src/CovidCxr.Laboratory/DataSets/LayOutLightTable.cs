using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.DataSets;
using CovidCxr.Learning.Data;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.DataSets;

/// <param name="Repeats">Why it may be worth discarding: it looks like its original or a sibling; null where it does not.</param>
public sealed record LightTableChild(ManifestImageView Image, string? Repeats);

public sealed record LightTableRow(ManifestImageView Original, IReadOnlyList<LightTableChild> Children);

public sealed record LightTable(int Originals, int Children, int Repeated, IReadOnlyList<LightTableRow> Rows)
{
    /// <summary>Why there is nothing to see, where the version cannot be read; null elsewhere.</summary>
    public string? Problem { get; init; }
}

/// <summary>The augmented images of a version beside their originals, a page at a time; the first is recorded as a visit.</summary>
public sealed class LayOutLightTable(IDbContextFactory<CovidCxrDbContext> contexts, DataSetPlaces places, AuditLog audit)
{
    public const int RowsPerPage = 24;

    // Nearer than any two of Table 1's transforms bring an image to another; farther than rounding.
    const int RepeatDistance = 4;

    /// <param name="page">From 0.</param>
    /// <returns>Null where there is no such version, or nothing augmented in it.</returns>
    public async Task<LightTable?> RunAsync(Guid versionId, int page, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var version = await db.DataSetVersions.AsNoTracking()
            .SingleOrDefaultAsync(v => v.Id == versionId && v.State == DataSetState.Ready, cancellation);
        try
        {
            var table =
                version is null ? null : await Task.Run(() => LayOut(places.Read(versionId, version.ManifestHash), page), cancellation);
            if (table is not null && page == 0)
            {
                await audit.RecordAsync(
                    actor, AuditAction.TrainingView, AuditOutcome.Succeeded, detail: $"data set version {versionId}: light table");
            }

            return table;
        }
        catch (DataSetException e)
        {
            return new(0, 0, 0, []) { Problem = e.Message };
        }
    }

    static LightTable? LayOut(ImageManifest manifest, int page)
    {
        var places = manifest.Images.Select((image, i) => (Image: image, Index: i)).ToList();
        var originals = places.Where(p => p.Image.Origin is null).ToDictionary(p => p.Image.Path, StringComparer.Ordinal);
        var rows = places.Where(p => p.Image.Origin is not null && originals.ContainsKey(p.Image.Origin)).GroupBy(p => p.Image.Origin!)
            .Select(g => Row(originals[g.Key], [.. g])).ToList();
        return rows.Count == 0
            ? null
            : new(
                rows.Count, rows.Sum(r => r.Children.Count), rows.Sum(r => r.Children.Count(c => c.Repeats is not null)),
                [.. rows.Skip(page * RowsPerPage).Take(RowsPerPage)]);
    }

    static LightTableRow Row((ManifestImage Image, int Index) original, List<(ManifestImage Image, int Index)> children) => new(
        InspectManifest.ViewOf(original.Image, original.Index),
        [.. children.Select((child, i) => new LightTableChild(
            InspectManifest.ViewOf(child.Image, child.Index),
            Repeats(child.Image, original.Image, children.Take(i).Select(c => c.Image))))]);

    static string? Repeats(ManifestImage child, ManifestImage original, IEnumerable<ManifestImage> earlier) =>
        child.Look().DistanceTo(original.Look()) <= RepeatDistance ? "as the original"
        : earlier.Any(e => e.Look().DistanceTo(child.Look()) <= RepeatDistance) ? "as another" : null;
}
