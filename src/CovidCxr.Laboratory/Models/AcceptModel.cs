using System.Globalization;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Engine.Serving;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Models;

/// <summary>
/// Takes an uploaded model file into the registry. It is nobody's until it has been read, its weights have been found to be its network's
/// and its graph to say what they say; what is refused does not stay.
/// </summary>
public sealed class AcceptModel(
    IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, ModelHost host, RegisterModel register, AuditLog audit,
    TimeProvider time)
{
    /// <summary>ResNet152 in single precision takes half of it.</summary>
    public const long MaxBytes = 512L << 20;

    /// <summary>What a process that was killed left of an upload is deleted after this.</summary>
    static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    /// <summary>Of the file.</summary>
    public long Limit { get; init; } = MaxBytes;

    public async Task<AcceptModelResult> RunAsync(Stream content, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        var incoming = new DirectoryInfo(Path.Combine(folder.Models, "incoming"));
        var place = Path.Combine(incoming.FullName, Guid.CreateVersion7().ToString("N", CultureInfo.InvariantCulture));
        try
        {
            incoming.Create();
            Sweep(incoming);
            Directory.CreateDirectory(place);
            var path = Path.Combine(place, "model.safetensors");
            await CopyAsync(content, path, cancellation);
            using (await host.LoadAsync(path, cancellation))
            {
                var id = await register.RunAsync(path, actor, cancellation);
                await using var db = await contexts.CreateDbContextAsync(cancellation);
                return new AcceptModelResult.Registered(
                    await db.ModelVersions.Where(m => m.Id == id).Select(m => m.Number).SingleAsync(cancellation));
            }
        }
        catch (ModelFileException e)
        {
            await audit.RecordAsync(actor, AuditAction.ModelRegister, AuditOutcome.Refused, detail: "uploaded file");
            return new AcceptModelResult.Refused(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TimeoutException)
        {
            return new AcceptModelResult.Refused("The upload broke off, or the disk is full.");
        }
        finally
        {
            if (Directory.Exists(place))
            {
                Directory.Delete(place, recursive: true);
            }
        }
    }

    void Sweep(DirectoryInfo incoming)
    {
        foreach (var left in incoming.EnumerateDirectories().Where(d => time.GetUtcNow() - d.LastWriteTimeUtc > Kept))
        {
            left.Delete(recursive: true);
        }
    }

    async Task CopyAsync(Stream content, string path, CancellationToken cancellation)
    {
        await using var file = File.Create(path);
        var buffer = new byte[1 << 16];
        for (int read; (read = await content.ReadAsync(buffer, cancellation)) > 0;)
        {
            if (file.Length + read > Limit)
            {
                throw new ModelFileException($"The file is larger than {Limit >> 20} MB.");
            }

            await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }
    }
}

public abstract record AcceptModelResult
{
    private AcceptModelResult()
    {
    }

    /// <param name="Number">Of the version; of the earlier one where the same file was registered before.</param>
    public sealed record Registered(int Number) : AcceptModelResult;

    public sealed record Refused(string Message) : AcceptModelResult;
}
