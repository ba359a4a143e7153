using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Duplicates;

namespace CovidCxr.Learning.Evaluation;

/// <summary>Finds images of a test set that the model was trained on.</summary>
public static class SeenImages
{
    /// <summary>
    /// Equal pixels, or near duplicates of a training image where its look is known. A model keeps no picture of what it has seen, so only
    /// hashes that are surely of one film count.
    /// </summary>
    /// <returns>The paths.</returns>
    public static IReadOnlySet<string> Among(IEnumerable<Sample> tested, TrainedImages trained)
    {
        var pixels = trained.Images.Select(i => i.PixelHash).ToHashSet(StringComparer.Ordinal);
        PerceptualHash[] looks = [.. trained.Images.Select(i => i.Look).OfType<PerceptualHash>()];
        return tested.AsParallel().Where(t => pixels.Contains(TrainedImages.Digits(t.Image.PixelHash)) || Array.Exists(
            looks, l => l.DistanceTo(t.Image.Hash) <= PerceptualHash.SureDistance))
            .Select(t => t.Image.File.Path).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>
    /// The same, and every other image of a patient of whom one was seen. A model keeps no patients: they are recognised by those of their
    /// films that stand in the data.
    /// </summary>
    /// <param name="data">All there is, whatever part is tested.</param>
    /// <returns>The paths.</returns>
    public static IReadOnlySet<string> WithPatients(IReadOnlyList<Sample> data, TrainedImages trained)
    {
        var seen = Among(data, trained);
        var groups = data.Where(s => seen.Contains(s.Image.File.Path)).Select(s => s.Group).ToHashSet();
        return data.Where(s => groups.Contains(s.Group)).Select(s => s.Image.File.Path).ToHashSet(StringComparer.Ordinal);
    }
}
