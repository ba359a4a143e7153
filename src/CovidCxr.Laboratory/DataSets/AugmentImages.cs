using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Laboratory.DataSets.Sources;
using CovidCxr.Learning.Data;

namespace CovidCxr.Laboratory.DataSets;

/// <summary>
/// Writes augmented images beside the originals of a divided version (Adedigba et al. 2021, section 4.2: after the split, for the eye).
/// </summary>
public sealed class AugmentImages(DataSetPlaces places, TrainingDecoders decoders)
{
    // More than any network here takes in.
    const int LongestSide = 512;

    /// <exception cref="ImportRefusedException">The parent is not divided, or an image of it is gone.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    public ImageManifest Run(Guid version, ImageManifest parent, AugmentRecipe recipe, WorkCount count, CancellationToken cancellation)
    {
        var originals = parent.Images.Where(i =>
            i.Problem is null && i.Origin is null && (i.Part == DataPart.Train || (recipe.AlsoValidation && i.Part == DataPart.Validation)))
            .ToList();
        if (originals.Count == 0)
        {
            throw new ImportRefusedException("The version has no training images: divide it first.");
        }

        var options = recipe.Values.ToOptions();
        count.Total = originals.Count * recipe.Children;
        Directory.CreateDirectory(Path.Combine(places.Root, DataSetPlaces.FilesOf(version)));
        var children = new ManifestImage[count.Total];
        ParallelWork.ForEach(
            originals.Select((image, i) => (Image: image, Index: i)),
            original =>
            {
                foreach (var child in Enumerable.Range(0, recipe.Children))
                {
                    children[(original.Index * recipe.Children) + child] = Make(
                        original.Image, original.Index, child, version, options, recipe.Seed);
                    count.Add();
                }
            },
            cancellation);

        return parent with { Images = [.. parent.Images.Where(i => i.Origin is null), .. children] };
    }

    ManifestImage Make(ManifestImage original, int index, int child, Guid version, AugmentationOptions options, long seed)
    {
        if (decoders.Films.Decode(File.ReadAllBytes(Path.Combine(places.Root, original.Path)))
            is not DecodeResult.Decoded { Image: var image })
        {
            throw new ImportRefusedException("An image of the version is no longer what it was.");
        }

        var scale = Math.Min(1.0, (double)LongestSide / Math.Max(image.Width, image.Height));
        var (width, height) = (Math.Max(32, (int)(image.Width * scale)), Math.Max(32, (int)(image.Height * scale)));
        var unit = Preprocessor.ToUnit(image, PreprocessingPreset.Square(32) with { Width = width, Height = height });
        var drawn = new float[unit.Length];
        Augmenter.Apply(unit, width, height, AugmentationPlan.Draw(options, seed, child, index), drawn);
        var png = PngEncoder.Encode(Preprocessor.FromUnit(drawn, width, height));
        var path = $"{DataSetPlaces.FilesOf(version)}/{index:D6}-{child}.png";
        File.WriteAllBytes(Path.Combine(places.Root, path), png);
        var found = InspectedImage.Of(png, decoders.Films);
        return original with
        {
            Path = path,
            Sha256 = found.Sha256,
            PixelHash = found.PixelHash,
            Perceptual = found.Hash?.ToString(),
            Width = width,
            Height = height,
            Origin = original.Path,
            // Turned and zoomed, it is not under its mask any more.
            LungMask = null,
        };
    }
}
