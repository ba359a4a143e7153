using System.Globalization;
using CovidCxr.Learning.Data;
using CovidCxr.Storage.Files;

namespace CovidCxr.Laboratory.DataSets;

/// <summary>
/// What stands where in the folder of the data sets: `incoming/` archives before they are imported, `files/` the images of each import,
/// `versions/` the manifests, whose paths start here.
/// </summary>
public sealed class DataSetPlaces(DataFolder folder)
{
    public string Root { get; } = folder.DataSets;

    public string Incoming(Guid archive) => Path.Combine(Root, "incoming", Name(archive) + ".zip");

    /// <summary>Relative to the root: the only folder that the import of this version writes images to.</summary>
    public static string FilesOf(Guid version) => $"files/{Name(version)}";

    /// <summary>Relative to the root.</summary>
    public static string ManifestOf(Guid version) => $"versions/{Name(version)}.json";

    /// <exception cref="DataSetException">It is absent or not the one that was written.</exception>
    public ImageManifest Read(Guid version, string? hash) => ImageManifest.Read(Path.Combine(Root, ManifestOf(version)), hash);

    /// <returns>The manifest's hash.</returns>
    public string Write(Guid version, ImageManifest manifest)
    {
        var path = Path.Combine(Root, ManifestOf(version));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return manifest.Write(path);
    }

    static string Name(Guid id) => id.ToString("N", CultureInfo.InvariantCulture);
}
