using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Laboratory.DataSets.Sources;
using CovidCxr.Platform.Audit;

namespace CovidCxr.Laboratory.DataSets;

/// <summary>Takes an uploaded archive and checks it; what is refused does not stay.</summary>
public sealed class AcceptArchive(DataSetPlaces places, ImportSources sources, AuditLog audit, TimeProvider time)
{
    /// <summary>An archive that nobody imported is deleted after this.</summary>
    static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    public async Task<AcceptArchiveResult> RunAsync(Stream content, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        var id = Guid.CreateVersion7();
        var path = places.Incoming(id);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Sweep(Path.GetDirectoryName(path)!);
        try
        {
            await using (var file = File.Create(path))
            {
                await content.CopyToAsync(file, cancellation);
            }

            using var source = await Task.Run(() => sources.Open(new(id, null)), cancellation);
            if (!source.Images.Any())
            {
                throw new ImportRefusedException("There is no PNG, JPEG, TIFF or DICOM image in the archive.");
            }

            await audit.RecordAsync(actor, AuditAction.DataSetImport, AuditOutcome.Succeeded, detail: $"archive {id}");
            return new AcceptArchiveResult.Accepted(id);
        }
        catch (ImportRefusedException e)
        {
            File.Delete(path);
            await audit.RecordAsync(actor, AuditAction.DataSetImport, AuditOutcome.Refused, detail: "archive");
            return new AcceptArchiveResult.Refused(e.Message);
        }
        catch (IOException)
        {
            File.Delete(path);
            return new AcceptArchiveResult.Refused("The upload broke off, or the disk is full.");
        }
        catch (OperationCanceledException)
        {
            File.Delete(path);
            throw;
        }
    }

    void Sweep(string folder)
    {
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles().Where(f => time.GetUtcNow() - f.LastWriteTimeUtc > Kept))
        {
            file.Delete();
        }
    }
}

public abstract record AcceptArchiveResult
{
    private AcceptArchiveResult()
    {
    }

    public sealed record Accepted(Guid Archive) : AcceptArchiveResult;

    public sealed record Refused(string Message) : AcceptArchiveResult;
}
