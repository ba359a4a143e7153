using System.Text.Json;
using CovidCxr.Clinic;
using CovidCxr.Clinic.Policies;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Engine;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Laboratory;
using CovidCxr.Platform;
using CovidCxr.Platform.Accounts;
using CovidCxr.Platform.Jobs;
using CovidCxr.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Testing;

/// <summary>
/// The whole application without its pages, on a real SQLite file: two readers, a lead, a lead who reads, an administrator.
/// </summary>
public sealed class TestClinic : IAsyncDisposable
{
    public static readonly Actor Reader = Person(1, "reader", Role.Radiologist);
    public static readonly Actor OtherReader = Person(2, "other", Role.Radiologist);
    public static readonly Actor Lead = Person(3, "lead", Role.DepartmentLead);
    public static readonly Actor ReadingLead = Person(4, "reading-lead", Role.DepartmentLead, Role.Radiologist);
    public static readonly Actor Admin = Person(5, "admin", Role.Admin);

    readonly Requests _requests = new();

    /// <param name="hasPeople">False for an installation that nobody has used.</param>
    /// <param name="isReal">Whether time passes.</param>
    /// <param name="services">Others than the program's.</param>
    /// <param name="isPostgreSql">Whichever database the tests run on, this one.</param>
    /// <param name="settings">Others than the default.</param>
    public TestClinic(
        bool hasPeople = true, bool isReal = false, Action<IServiceCollection>? services = null, bool? isPostgreSql = null,
        params (string Key, string Value)[] settings)
    {
        Folder = new(isPostgreSql ?? PostgreSqlServer.IsChosen, isMigrated: true);
        Services = Build(
            Folder.Data.Root, isReal ? TimeProvider.System : Time, _requests, Logs, services, [.. settings, .. SettingsOf(Folder.Storage)]);
        if (hasPeople)
        {
            using var db = Folder.CreateDbContext();
            db.AddPeople(Reader, OtherReader, Lead, ReadingLead, Admin);
            db.SaveChanges();
        }
    }

    public TestFolder Folder { get; }

    public ManualTime Time { get; } = new();

    public LogCapture Logs { get; } = new();

    public ServiceProvider Services { get; }

    public static ServiceProvider Build(
        string folder, TimeProvider time, Requests? requests = null, LogCapture? logs = null, Action<IServiceCollection>? more = null,
        params (string Key, string Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddLogging(builder =>
        {
            builder.SetMinimumLevel(LogLevel.Trace);
            if (logs is not null)
            {
                builder.AddProvider(logs);
            }
        });
        services.AddSingleton(time).AddSingleton<IHttpContextAccessor>(requests ?? new Requests());
        AddRooms(services, folder, settings);
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        HashPasswordsFast(services);
        more?.Invoke(services);
        return services.BuildServiceProvider();
    }

    /// <summary>The rooms on a folder of this test's own, for a host that brings the rest.</summary>
    public static void AddRooms(IServiceCollection services, string folder, params (string Key, string Value)[] settings)
    {
        var storage = SettingsOf(PostgreSqlServer.IsChosen ? PostgreSqlServer.Of(folder) : new() { DataFolder = folder });
        var values = settings.Concat(storage).DistinctBy(s => s.Key).ToDictionary(s => s.Key, s => (string?)s.Value);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(values).Build();
        services.AddSingleton<IConfiguration>(configuration).AddSingleton<IHostEnvironment>(new Place(folder));
        services.AddCovidCxrStorage(configuration).AddCovidCxrPlatform(configuration).AddCovidCxrEngine(configuration);
        services.AddCovidCxrClinic().AddCovidCxrLaboratory(configuration);
    }

    /// <summary>What leads a program to a database.</summary>
    public static (string Key, string Value)[] SettingsOf(StorageOptions storage) =>
    [
        ("Storage:DataFolder", storage.DataFolder), ("Storage:Provider", storage.Provider.ToString()),
        ("Storage:ConnectionString", storage.ConnectionString),
    ];

    /// <summary>A hash that is meant to be slow would be most of what a test of accounts does.</summary>
    public static void HashPasswordsFast(IServiceCollection services) =>
        services.Configure<PasswordHasherOptions>(o => o.IterationCount = 1000);

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    /// <summary>One request of somebody: a scope with a fresh HTTP context.</summary>
    public async Task<TResult> RequestAsync<T, TResult>(Func<T, Task<TResult>> use)
        where T : notnull
    {
        await using var scope = Services.CreateAsyncScope();
        _requests.HttpContext = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        return await use(scope.ServiceProvider.GetRequiredService<T>());
    }

    /// <summary>What a start does for accounts, without its models and phantoms.</summary>
    public async Task PrepareAccountsAsync(bool isDemo)
    {
        foreach (var role in Role.All)
        {
            await RequestAsync<RoleManager<IdentityRole<Guid>>, IdentityResult>(r => r.CreateAsync(new(role)));
        }

        if (isDemo)
        {
            await RequestAsync<SeedDemoAccounts, bool>(async s =>
            {
                await s.RunAsync(CancellationToken.None);
                return true;
            });
        }
    }

    /// <summary>A version that is not active: a start then leaves the starter model alone, which takes seconds.</summary>
    public async Task RegisterNothingAsync()
    {
        await using var db = Context();
        db.ModelVersions.Add(new() { Number = 1, Name = "m", Architecture = "resnet18", Sha256 = "0", FileKey = "m", HeaderJson = "{}" });
        await db.SaveChangesAsync(CancellationToken.None);
    }

    public CovidCxrDbContext Context() => Folder.CreateDbContext();

    /// <summary>A drawn film as a PNG file; another seed, other pixels.</summary>
    public static byte[] Film(int seed) => PngEncoder.Encode(PhantomDrawer.Draw(PhantomKind.Clear, seed, size: 64, bits: 8));

    public async Task<Guid> UploadAsync(int seed = 1, string? patient = null) =>
        ((ImportStudyResult.Imported)await Get<ImportStudy>().RunAsync(Film(seed), new(patient), Reader, CancellationToken.None)).StudyId;

    /// <summary>What a worker does with a job about a study, without its queue and clock.</summary>
    public async Task WorkAsync(string kind, Guid studyId)
    {
        await using var scope = Services.CreateAsyncScope();
        var handler = scope.ServiceProvider.GetServices<IJobHandler>().Single(h => h.Kind == kind);
        var store = await handler.RunAsync(
            new() { Kind = kind, Payload = JsonSerializer.Serialize(new AnalyseStudy.Payload(studyId)) }, CancellationToken.None);
        await using var db = Context();
        await store(db);
        await db.SaveChangesAsync(CancellationToken.None);
    }

    /// <summary>As the analysis would: COVID-19 with this probability.</summary>
    /// <param name="classes">Two, the positive one last; null for those of COVID-19.</param>
    /// <returns>The prediction's id.</returns>
    public async Task<Guid> PredictAsync(Guid studyId, double probability = 0.9, int number = 1, string[]? classes = null)
    {
        await using var db = Context();
        var model = await db.ModelVersions.FirstOrDefaultAsync(CancellationToken.None)
            ?? db.ModelVersions.Add(
                new()
                {
                    Id = Numbered(0xCC),
                    Number = 1,
                    Name = "m",
                    Architecture = "resnet18",
                    Sha256 = "0",
                    FileKey = "m",
                    HeaderJson = "{}"
                }).Entity;
        var study = await db.Studies.SingleAsync(s => s.Id == studyId, CancellationToken.None);
        var prediction = db.AddPrediction(study, model.Id, probability, number: number, classes: classes);
        await db.SaveChangesAsync(CancellationToken.None);
        return prediction.Id;
    }

    public async Task<RecordReadingResult> ReadAsync(
        Guid study, ReadingStage stage, Actor? by = null, Guid? shown = null, Opinion opinion = Opinion.Normal, Guid? corrects = null,
        Guid? submission = null, string? note = null, bool? agrees = null) =>
        await Get<RecordReading>().RunAsync(
            new(
                submission ?? Guid.NewGuid(), study, stage, opinion, 4, shown is null ? null : agrees ?? opinion == Opinion.Covid19, null,
                note, shown, corrects),
            by ?? Reader, CancellationToken.None);

    public async Task SetPolicyAsync(ReadingPolicy policy)
    {
        var today = DateOnly.FromDateTime(Get<TimeProvider>().GetUtcNow().UtcDateTime);
        if (await Get<ChangeReadingPolicy>().RunAsync(policy, "for a test", today, Lead, CancellationToken.None) is { } refusal)
        {
            throw new InvalidOperationException(refusal);
        }
    }

    /// <summary>The audit trail of one action, oldest first.</summary>
    public async Task<IReadOnlyList<AuditEntry>> AuditAsync(params AuditAction[] actions)
    {
        await using var db = Context();
        return await db.Audit.Where(a => actions.Length == 0 || actions.Contains(a.Action)).OrderBy(a => a.Id)
            .ToListAsync(CancellationToken.None);
    }

    public async Task<int> CountAsync<T>()
        where T : class
    {
        await using var db = Context();
        return await db.Set<T>().CountAsync(CancellationToken.None);
    }

    public static Guid Numbered(int number) => Guid.Parse($"0198f000-0000-7000-8000-{number:x12}");

    public async ValueTask DisposeAsync()
    {
        await Services.DisposeAsync();
        Folder.Dispose();
    }

    static Actor Person(int number, string name, params string[] roles) => new(Numbered(number), name, roles.ToHashSet());

    public sealed class Requests : IHttpContextAccessor
    {
        public HttpContext? HttpContext { get; set; }
    }
}
