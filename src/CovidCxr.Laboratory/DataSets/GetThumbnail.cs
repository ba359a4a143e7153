using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Collections;
using CovidCxr.Domain.DataSets;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Learning.Data;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.DataSets;

/// <summary>A small picture of one image of a version, drawn anew: the imported file itself is never sent.</summary>
public sealed class GetThumbnail(IDbContextFactory<CovidCxrDbContext> contexts, DataSetPlaces places, TrainingDecoders decoders)
{
    const int Side = 160, LargeSide = 320;

    // A page asks for dozens at once; a manifest never changes.
    readonly RecentItems<string, ImageManifest> _manifests = new(1);

    /// <returns>A PNG, or null where there is no such image.</returns>
    public async Task<byte[]?> RunAsync(
        Guid versionId, int index, Actor actor, CancellationToken cancellation, bool isLarge = false)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var hash = await db.DataSetVersions.Where(v => v.Id == versionId && v.State == DataSetState.Ready).Select(v => v.ManifestHash)
            .SingleOrDefaultAsync(cancellation);
        if (hash is null)
        {
            return null;
        }

        if (!_manifests.TryGet(hash, out var manifest))
        {
            manifest = places.Read(versionId, hash);
            _manifests.Put(hash, manifest);
        }

        return index >= 0 && index < manifest.Images.Count && manifest.Images[index].Problem is null
            ? await Task.Run(() => Draw(Path.Combine(places.Root, manifest.Images[index].Path), isLarge ? LargeSide : Side), cancellation)
            : null;
    }

    byte[]? Draw(string path, int side)
    {
        if (!File.Exists(path) || decoders.Films.Decode(File.ReadAllBytes(path)) is not DecodeResult.Decoded { Image: var image })
        {
            return null;
        }

        return PngEncoder.Encode(Preprocessor.FromUnit(Preprocessor.ToUnit(image, PreprocessingPreset.Square(side)), side, side));
    }
}
