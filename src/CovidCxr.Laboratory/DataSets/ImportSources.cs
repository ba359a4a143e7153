using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Laboratory.DataSets.Sources;
using CovidCxr.Learning.Data;
using CovidCxr.Storage.Files;

namespace CovidCxr.Laboratory.DataSets;

/// <summary>
/// Where an import comes from: an uploaded archive, a folder below the root, or the clinic's own studies; exactly one of the three.
/// </summary>
/// <param name="Folder">Its name below the root.</param>
/// <param name="IsClinic">Those of the clinic's own studies that may be trained on.</param>
public sealed record ImportOrigin(Guid? Archive, string? Folder, bool IsClinic = false);

/// <summary>Opens what an administrator may import.</summary>
public sealed class ImportSources(
    DataSetPlaces places, RetrainingRoot root, IClinicFilms clinic, BlobStore blobs, TrainingDecoders decoders)
{
    /// <summary>What an archive or folder may cost.</summary>
    public ArchiveLimits Limits { get; init; } = new();

    /// <summary>Where folders on the server are looked for.</summary>
    public string Root => root.Path;

    /// <summary>The names of the folders below the root.</summary>
    public IReadOnlyList<string> Folders(Actor actor)
    {
        actor.Demand(Role.Admin);
        return Directory.Exists(root.Path)
            ? [.. Directory.EnumerateDirectories(root.Path).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal)]
            : [];
    }

    /// <exception cref="ImportRefusedException">There is no such source, or it must not be imported.</exception>
    internal ImageSource Open(ImportOrigin origin) => origin switch
    {
        { IsClinic: true } => new ClinicSource(clinic.SelectTrainable(), blobs, decoders.Films),
        { Archive: { } archive } =>
            File.Exists(places.Incoming(archive))
                ? ArchiveSource.Open(places.Incoming(archive), Limits)
                : throw new ImportRefusedException("The archive is no longer here. Upload it again."),
        // A name, never a path: what stands elsewhere cannot be named.
        { Folder: { } name } when Directory.Exists(root.Path) && Directory.EnumerateDirectories(
            root.Path).Any(d => Path.GetFileName(d) == name) => new FolderSource(Path.Combine(root.Path, name), Limits),
        _ => throw new ImportRefusedException("There is no such folder."),
    };
}
