using CovidCxr.Clinic.References;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.DataSets;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Laboratory.DataSets.Sources;
using CovidCxr.Learning.Data;
using CovidCxr.Platform.Audit;
using CovidCxr.Platform.Jobs;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CovidCxr.Laboratory.Tests.DataSets;

/// <summary>The use cases of data sets on a real database and a folder of their own.</summary>
sealed class DataSetBench : IDisposable
{
    public static readonly Actor Admin = new(Guid.NewGuid(), "admin", new HashSet<string> { Role.Admin });

    readonly AuditSpill _spill;

    /// <param name="root">Where folders are imported from; null for one of its own.</param>
    public DataSetBench(ArchiveLimits? limits = null, string? root = null)
    {
        Root = new(Folder.Data, Options.Create(new TrainingMachineOptions
        {
            DataRoot = root ?? "datasets",
        }));
        Places = new(Folder.Data);
        Queue = new(Folder, Options.Create(new JobOptions()), TimeProvider.System);
        var key = new AuditKey(Folder, Folder.Data, Options.Create(new AuditOptions()));
        // It is there before anything is imported: the first sign-in has made it.
        key.Need();
        _spill = new(Folder, Folder.Data, key, TimeProvider.System, NullLogger<AuditSpill>.Instance);
        Audit = new(Folder, key, _spill, TimeProvider.System);
        Sources = new(Places, Root, new ClinicFilms(Folder, new(Folder.Data)), new(Folder.Data), TrainingDecoders.Here)
        {
            Limits = limits ?? new(),
        };
        Maker = new(
            Folder, Places, new ImportImages(Places, Sources, TrainingDecoders.Here), new AugmentImages(Places, TrainingDecoders.Here),
            TimeProvider.System);
    }

    public TestFolder Folder { get; } = new();

    public RetrainingRoot Root { get; }

    public DataSetPlaces Places { get; }

    public JobQueue Queue { get; }

    public AuditLog Audit { get; }

    public ImportSources Sources { get; }

    public MakeDataSet Maker { get; }

    public FindProblems Find => new(Folder, Places, Audit);

    public ChangeDataSet Change => new(Folder, Places, Find, Audit, TimeProvider.System);

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public Task<AcceptArchiveResult> UploadAsync(byte[] archive, Actor? actor = null) =>
        new AcceptArchive(Places, Sources, Audit, TimeProvider.System).RunAsync(new MemoryStream(archive), actor ?? Admin, Cancellation);

    public Task<ImportPreview> PreviewAsync(string folder, ImportMapping? mapping = null) =>
        new PreviewImport(Sources).RunAsync(new(null, folder), mapping, Admin, Cancellation);

    /// <summary>Every class under its own name.</summary>
    public async Task<DataSetVersion> ImportAsync(ImportOrigin origin, ImportMapping? mapping = null, string name = "films")
    {
        var preview = await new PreviewImport(Sources).RunAsync(origin, mapping, Admin, Cancellation);
        var id = await StartAsync(name, new(origin, preview.Mapping, preview.Classes.ToDictionary(c => c.Class, c => c.Class)));
        await WorkAsync();
        return await FindAsync(id);
    }

    public async Task<Guid> StartAsync(string name, ImportRecipe recipe) =>
        Assert.IsType<StartImportResult.Started>(
            await new StartImport(Folder, Queue, Audit, TimeProvider.System).RunAsync(name, recipe, Admin, Cancellation)).VersionId;

    /// <summary>Does the oldest job, as a worker would.</summary>
    public async Task WorkAsync()
    {
        var job = (await Queue.ClaimAsync(MakeDataSet.JobKind, "worker", Cancellation))!;
        Assert.True(await Queue.CompleteAsync(job, await Maker.RunAsync(job, Cancellation), Cancellation));
    }

    public async Task<DataSetFindings> FindingsAsync(DataSetVersion version) =>
        Assert.IsType<FindProblemsResult.Found>(await Find.RunAsync(version.Id, Admin, Cancellation)).Findings;

    /// <summary>The version that a change makes.</summary>
    public async Task<DataSetVersion> ChangeAsync(Func<ChangeDataSet, Task<ChangeDataSetResult>> change) =>
        await FindAsync(Assert.IsType<ChangeDataSetResult.Changed>(await change(Change)).VersionId);

    public async Task<DataSetVersion> FindAsync(Guid id)
    {
        await using var db = Folder.CreateDbContext();
        return await db.DataSetVersions.AsNoTracking().SingleAsync(v => v.Id == id, Cancellation);
    }

    public ImageManifest Manifest(DataSetVersion version) => Places.Read(version.Id, version.ManifestHash);

    public void Dispose()
    {
        Queue.Dispose();
        _spill.Dispose();
        Folder.Dispose();
    }
}
