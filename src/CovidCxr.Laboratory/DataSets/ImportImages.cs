using CovidCxr.Imaging.Decoding;
using CovidCxr.Laboratory.DataSets.Sources;
using CovidCxr.Learning.Data;

namespace CovidCxr.Laboratory.DataSets;

/// <summary>Reads, inspects and keeps the images of a source. Writes below the version's own folder of files and nowhere else.</summary>
public sealed class ImportImages(DataSetPlaces places, ImportSources sources, TrainingDecoders decoders)
{
    /// <summary>What the clinic's own studies are called as a source.</summary>
    public const string Clinic = "clinic";

    /// <exception cref="ImportRefusedException">The source must not be imported, or no class of it is named.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    public ImageManifest Run(string name, Guid version, ImportRecipe recipe, WorkCount count, CancellationToken cancellation)
    {
        using var source = sources.Open(recipe.Origin);
        var plan = new ImportPlanner(source).Plan(recipe.Mapping);
        var planned = plan.Images.Where(i => recipe.Classes.ContainsKey(i.Class)).ToList();
        if (planned.Count == 0)
        {
            throw new ImportRefusedException(plan.Problem ?? "No image belongs to a class that was named.");
        }

        CheckSpace(planned.Sum(i => i.File.Bytes + (i.LungMask?.Bytes ?? 0)));
        count.Total = planned.Count;
        var images = new ManifestImage[planned.Count];
        // Two images are in memory per thread: the file and its pixels.
        ParallelWork.ForEach(
            Read(source, planned),
            item =>
            {
                var image = Keep(planned[item.Index], item.Bytes, version, recipe.Classes, plan.TakesDivision);
                images[item.Index] = image with
                {
                    Source = SourceOf(recipe, name, planned[item.Index]),
                    LungMask = image.Problem is null ? KeepMask(image.Path, item.Mask) : null,
                };
                count.Add();
            },
            cancellation);
        return new(name, plan.TakesDivision ? Given(images) : null, images);
    }

    // The name that a person gave the collection, else the folder's; a data set of one archive is its own.
    static string SourceOf(ImportRecipe recipe, string dataSet, PlannedImage image)
    {
        var whole = recipe.Origin.IsClinic ? Clinic : recipe.Source ?? recipe.Origin.Folder ?? dataSet;
        return image.Source is { } folder ? $"{whole}/{folder}" : whole;
    }

    string? KeepMask(string imagePath, byte[]? mask)
    {
        if (mask is null || decoders.Masks.Decode(mask) is not DecodeResult.Decoded)
        {
            return null;
        }

        var path = imagePath + ".lung-mask.png";
        File.WriteAllBytes(Path.Combine(places.Root, path), mask);
        return path;
    }

    // Nobody looked whether the collection's own division keeps patients together: the model's card says so.
    static ManifestSplit Given(ManifestImage[] images)
    {
        var divided = images.Where(i => i.Part is not null).ToList();
        double Share(DataPart part) => (double)divided.Count(i => i.Part == part) / Math.Max(1, divided.Count);
        return new(new(Share(DataPart.Train), Share(DataPart.Validation), Share(DataPart.Test)), Seed: 0, GroupBy.Image);
    }

    // A zip is read by one thread at a time.
    static IEnumerable<(int Index, byte[] Bytes, byte[]? Mask)> Read(ImageSource source, List<PlannedImage> planned) =>
        planned.Select((image, i) => (i, source.Read(image.File), image.LungMask is { } mask ? source.Read(mask) : null));

    ManifestImage Keep(PlannedImage image, byte[] bytes, Guid version, IReadOnlyDictionary<string, string> classes, bool takesDivision)
    {
        var path = $"{DataSetPlaces.FilesOf(version)}/{image.File.Path}";
        var found = InspectedImage.Of(bytes, decoders.Films);
        if (found.Problem is null)
        {
            // What is no image, whatever its name says, is named in the manifest and not kept.
            var place = Path.Combine(places.Root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.WriteAllBytes(place, bytes);
        }

        return new(
            path, classes[image.Class], image.Patient, found.Sha256, found.PixelHash, found.Hash?.ToString(), found.Width, found.Height,
            image.View, found.Problem)
        {
            Part = takesDivision && found.Problem is null ? image.Part : null,
            Thumbnail = found.Thumbnail,
            Sex = image.Sex,
            Age = image.Age,
        };
    }

    void CheckSpace(long bytes)
    {
        Directory.CreateDirectory(places.Root);
        if (new DriveInfo(places.Root).AvailableFreeSpace < bytes)
        {
            throw new ImportRefusedException($"The images take {bytes >> 20} MB and the disk has no room for them.");
        }
    }
}
