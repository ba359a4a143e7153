using System.Text.Json;
using CovidCxr.Domain.DataSets;
using CovidCxr.Domain.Jobs;
using CovidCxr.Laboratory.DataSets.Sources;
using CovidCxr.Learning.Data;
using CovidCxr.Platform.Jobs;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.DataSets;

/// <summary>The job that makes a data set version. One that is interrupted starts over in an empty folder.</summary>
public sealed class MakeDataSet(
    IDbContextFactory<CovidCxrDbContext> contexts, DataSetPlaces places, ImportImages import, AugmentImages augment, TimeProvider time)
    : IJobHandler
{
    public const string JobKind = "make-data-set";

    static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(500);

    public sealed record Payload(Guid VersionId);

    public static void AddTo(JobQueue queue, CovidCxrDbContext db, DataSetVersion version) =>
        queue.AddTo(db, JobKind, JsonSerializer.Serialize(new Payload(version.Id)));

    public string Kind => JobKind;

    public bool CanRun => true;

    public int? Workers => 1;

    public async Task<Func<CovidCxrDbContext, Task>> RunAsync(Job job, CancellationToken cancellation)
    {
        var id = VersionOf(job);
        var version = await FindAsync(id, cancellation);
        var parent = version.ParentId is { } from ? await FindAsync(from, cancellation) : null;
        var files = Path.Combine(places.Root, DataSetPlaces.FilesOf(id));
        Clear(files);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (version.IsCancelWished)
        {
            await stop.CancelAsync();
        }

        var count = new WorkCount();
        try
        {
            var work = Task.Run(() => Make(version, parent, count, stop.Token), CancellationToken.None);
            try
            {
                await FollowAsync(work, id, count, stop);
            }
            catch
            {
                // The database is gone for a moment: whoever tries again must not find this attempt still writing.
                await stop.CancelAsync();
                await Task.WhenAny(work);
                throw;
            }

            var manifest = await work;
            var hash = places.Write(id, manifest);
            return db => StoreAsync(db, id, v =>
            {
                Describe(v, manifest, hash);
                // The last images may have been done since the last glance.
                (v.Done, v.Total) = (count.Done, count.Total);
            });
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            Clear(files);
            return db => StoreAsync(db, id, v => v.State = DataSetState.Cancelled);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested
            && e is ImportRefusedException or DataSetException or IOException or UnauthorizedAccessException)
        {
            Clear(files);
            return db =>
                StoreAsync(db, id, v => (v.State, v.Message) = (
                    DataSetState.Failed,
                    e is IOException or UnauthorizedAccessException
                        ? "The images cannot be written: the disk is full or the folder is closed."
                        : e.Message));
        }
    }

    public Task GiveUpAsync(CovidCxrDbContext db, Job job) =>
        StoreAsync(db, VersionOf(job), v => (v.State, v.Message) = (DataSetState.Failed, "The work on it failed again and again."));

    public void Ended(Job job)
    {
    }

    /// <summary>What list and page show of a manifest.</summary>
    internal static void Describe(DataSetVersion version, ImageManifest manifest, string hash)
    {
        (version.State, version.ManifestHash, version.IsDivided, version.Images) =
            (DataSetState.Ready, hash, manifest.Split is not null, manifest.Images.Count);
        version.Patients = manifest.Images.Select(i => i.PatientOfSource).Distinct(StringComparer.Ordinal).Count();
    }

    ImageManifest Make(DataSetVersion version, DataSetVersion? parent, WorkCount count, CancellationToken cancellation) =>
        JsonSerializer.Deserialize<DataSetRecipe>(version.Recipe!) switch
        {
            { Import: { } recipe } when parent is not null => places.Read(parent.Id, parent.ManifestHash)
                .With(import.Run(version.Name, version.Id, recipe, count, cancellation).Images),
            { Import: { } recipe } => import.Run(version.Name, version.Id, recipe, count, cancellation),
            { Augment: { } recipe } when parent is not null =>
                augment.Run(version.Id, places.Read(parent.Id, parent.ManifestHash), recipe, count, cancellation),
            _ => throw new ImportRefusedException("The version does not say what it is made of."),
        };

    async Task FollowAsync(Task work, Guid id, WorkCount count, CancellationTokenSource stop)
    {
        while (!work.IsCompleted)
        {
            await Task.WhenAny(work, Task.Delay(Glance, time, CancellationToken.None));
            await using var db = await contexts.CreateDbContextAsync(CancellationToken.None);
            var (done, total) = (count.Done, count.Total);
            await db.DataSetVersions.Where(v => v.Id == id)
                .ExecuteUpdateAsync(s => s.SetProperty(v => v.Done, done).SetProperty(v => v.Total, total), CancellationToken.None);
            if (await db.DataSetVersions.AnyAsync(v => v.Id == id && v.IsCancelWished, CancellationToken.None))
            {
                await stop.CancelAsync();
            }
        }
    }

    async Task<DataSetVersion> FindAsync(Guid id, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await db.DataSetVersions.AsNoTracking().SingleAsync(v => v.Id == id, cancellation);
    }

    static async Task StoreAsync(CovidCxrDbContext db, Guid id, Action<DataSetVersion> change) =>
        change(await db.DataSetVersions.SingleAsync(v => v.Id == id));

    static void Clear(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static Guid VersionOf(Job job) => JsonSerializer.Deserialize<Payload>(job.Payload)!.VersionId;
}

/// <summary>How far a job has come; written by several threads, read by one.</summary>
public sealed class WorkCount
{
    int _done;

    public int Done => Volatile.Read(ref _done);

    public int Total { get; set; }

    public void Add() => Interlocked.Increment(ref _done);
}
