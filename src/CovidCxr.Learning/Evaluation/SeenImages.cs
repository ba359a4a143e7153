using CovidCxr.Learning.Data;

namespace CovidCxr.Learning.Evaluation;

/// <summary>Finds images of a test set that the model was trained on.</summary>
public static class SeenImages
{
    /// <summary>Equal pixels, or near duplicates of a training image.</summary>
    /// <returns>The paths.</returns>
    public static IReadOnlySet<string> Among(IEnumerable<Sample> tested, IReadOnlyList<Sample> trained)
    {
        var hashes = trained.Select(s => s.Image.PixelHash).ToHashSet(StringComparer.Ordinal);
        return tested.Where(t => hashes.Contains(t.Image.PixelHash) || trained.Any(
            s => s.Image.Hash.DistanceTo(t.Image.Hash) <= PerceptualHash.DuplicateDistance))
            .Select(t => t.Image.File.Path).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Equal pixels alone: all that a manifest tells.</summary>
    public static IReadOnlySet<string> Among(IEnumerable<Sample> tested, DataManifest manifest)
    {
        var hashes = manifest.Entries.Where(e => e.Part == DataSet.PartName(DataPart.Train)).Select(e => e.PixelHash)
            .ToHashSet(StringComparer.Ordinal);
        return tested.Where(t => hashes.Contains(t.Image.PixelHash)).Select(t => t.Image.File.Path).ToHashSet(StringComparer.Ordinal);
    }
}
