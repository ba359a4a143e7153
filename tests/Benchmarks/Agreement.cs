using System.Diagnostics;
using System.Globalization;
using CovidCxr.Clinic.Adjudication;
using CovidCxr.Clinic.Comparison;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform;
using CovidCxr.Statistics.Agreement;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Benchmarks;

/// <summary>
/// What the agreement page takes in a department of 100,000 studies of 60,000 patients with three readers each, before and after the model.
/// </summary>
static class Agreement
{
    const int Studies = 100_000, Turns = 5;

    // A hexadecimal digit at the end tells the readers apart.
    static readonly Guid FirstReader = Guid.Parse("00000000-0000-7000-B000-000000000001"), Model = Guid.Parse(
        "00000000-0000-7000-8000-000000000001");

    static readonly Actor Lead = new(
        Guid.Parse("00000000-0000-7000-C000-000000000001"), "lead", new HashSet<string> { Role.DepartmentLead });

    public static async Task<int> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("covidcxr-benchmark-").FullName;
        var services = new ServiceCollection().AddLogging().AddHttpContextAccessor();
        TestClinic.AddRooms(services, folder);
        await using (var provider = services.BuildServiceProvider())
        {
            await provider.PrepareCovidCxrAsync(isDemo: false, CancellationToken.None);
            var contexts = provider.GetRequiredService<IDbContextFactory<CovidCxrDbContext>>();
            await using (var db = await contexts.CreateDbContextAsync())
            {
                await SeedAsync(db);
            }

            await MeasureAsync(contexts, provider);
        }

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
        return 0;
    }

    static async Task MeasureAsync(IDbContextFactory<CovidCxrDbContext> contexts, ServiceProvider provider)
    {
        AgreementFilter nothing = new(From: new(2099, 1, 1));
        await PrintAsync("load all, compare none", 3, async _ =>
        {
            using var cache = new CaseCache(contexts);
            await new CompareReaders(contexts, cache, provider.GetRequiredService<RevealedCases>())
                .RunAsync(nothing, Lead, CancellationToken.None);
        });

        var compare = provider.GetRequiredService<CompareReaders>();
        await compare.RunAsync(nothing, Lead, CancellationToken.None);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"held after loading: {GC.GetTotalMemory(forceFullCollection: true) / 1_000_000} MB"));

        // Other first days leave out nothing and are other questions.
        await PrintAsync("everything, first time", Turns, i => AskAsync(new(From: new(2020, 1, 1 + i))));
        await PrintAsync("one view, first time", Turns, i => AskAsync(new(From: new(2020, 1, 1 + i), View: ViewPosition.AP)));
        await PrintAsync("one reader, first time", Turns, i => AskAsync(new(From: new(2020, 1, 1 + i), ReaderId: FirstReader)));
        await PrintAsync("policies, first time", Turns, i =>
            provider.GetRequiredService<ComparePolicies>().RunAsync(new(From: new(2020, 1, 1 + i)), Lead, CancellationToken.None));
        await PrintAsync("asked again", Turns, _ => AskAsync(new(From: new(2020, 1, 2))));
        await PrintAsync("a reading later, compare none", Turns, async i =>
        {
            await ReadAsync(contexts, i);
            await AskAsync(nothing with { Prevalence = (i + 1) / 100.0 });
        });
        await PrintAsync("a reference later, likewise", Turns, async i =>
        {
            await FindAsync(contexts, i);
            await AskAsync(nothing with { Prevalence = (i + 1) / 100.0 });
        });
        await PrintAsync("a page of readings", Turns, i => provider.GetRequiredService<ListCases>().RunAsync(
            new(), new(PartyPair.All[0], PairCell.OnlyFirst), Lead, CancellationToken.None, page: i));
        await PrintAsync("a page of discordant studies", Turns, i =>
            provider.GetRequiredService<ListDiscordances>().RunAsync(new(), isOpen: true, Lead, CancellationToken.None, page: i));

        Task AskAsync(AgreementFilter filter) => compare.RunAsync(filter, Lead, CancellationToken.None);
    }

    static async Task PrintAsync(string what, int turns, Func<int, Task> turn)
    {
        List<double> clock = [], processor = [];
        for (var i = 0; i < turns; i++)
        {
            var (started, used) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            await turn(i);
            clock.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            processor.Add((Environment.CpuUsage.TotalTime - used).TotalMilliseconds);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what,-32} median {Interleaved.Median([.. clock]),7:F0} ms, processor {Interleaved.Median([.. processor]),7:F0} ms; first "
                + $"{clock[0],7:F0} ms"));
    }

    static async Task ReadAsync(IDbContextFactory<CovidCxrDbContext> contexts, int number)
    {
        await using var db = await contexts.CreateDbContextAsync();
        db.Readings.Add(new()
        {
            StudyId = Guid.Parse($"00000000-0000-7000-8000-{number + 1:X12}"),
            ReaderId = Lead.UserId,
            Stage = ReadingStage.Concurrent,
            Opinion = Opinion.Covid19,
            Confidence = 3,
            CreatedAt = TimeProvider.System.GetUtcNow(),
            SubmissionId = Guid.NewGuid(),
        });
        await db.SaveChangesAsync();
    }

    static async Task FindAsync(IDbContextFactory<CovidCxrDbContext> contexts, int number)
    {
        await using var db = await contexts.CreateDbContextAsync();
        db.ReferenceFindings.Add(new()
        {
            StudyId = Guid.Parse($"00000000-0000-7000-8000-{number + 1:X12}"),
            Source = ReferenceSource.FollowUp,
            Result = ReferenceResult.Negative,
            FoundOn = new(2026, 2, 2),
            EnteredByName = "lead",
        });
        await db.SaveChangesAsync();
    }

    static Task SeedAsync(CovidCxrDbContext db) => db.Database.ExecuteSqlRawAsync(
        """
        INSERT INTO "ModelVersions" ("Id", "Number", "Name", "Architecture", "Sha256", "FileKey", "HeaderJson", "IsActive", "RegisteredAt")
        VALUES ({3}, 101, 'm', 'resnet18', 'x', 'm', '{{}}', 0, 0);
        CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {0})
          SELECT i, (i * 7919 % 1009) / 1009.0 AS truth, (i * 104729 % 1013) / 1013.0 AS noise FROM n;
        INSERT INTO "Studies" ("Id", "PatientNumber", "Sex", "AgeYears", "View", "ReceivedAt", "UploadedBy",
          "PixelHash", "Width", "Height", "BitsStored", "ImageKey", "Status", "ReadCount")
        SELECT printf('00000000-0000-7000-8000-%012X', i), printf('P-%05d', (i * 31) % 60000), i % 3, (i * 17) % 100, 1 + i % 2,
          {1}, {2}, printf('%064x', i), 1024, 1024, 8, printf('%032x', i), 2, 3 FROM n;
        INSERT INTO "Predictions" ("Id", "StudyId", "ModelVersionId", "CreatedAt", "Classes", "Probabilities",
          "PositiveIndex", "Threshold", "PredictedIndex", "Elapsed", "Device", "HeatMaps", "MapWidth", "MapHeight")
        SELECT printf('00000000-0000-7000-9000-%012X', i), printf('00000000-0000-7000-8000-%012X', i), {3}, {1}, '["Other","COVID-19"]',
          printf('[%.6f,%.6f]', 1 - (truth * 0.6 + noise * 0.4), truth * 0.6 + noise * 0.4), 1, 0.5,
            truth * 0.6 + noise * 0.4 >= 0.5, 0, 'cpu', zeroblob(6272), 28, 28 FROM n;
        INSERT INTO "ReferenceFindings" ("Id", "StudyId", "Source", "Result", "FoundOn", "EnteredBy",
          "EnteredByName", "EnteredAt", "IsImported")
        SELECT printf('00000000-0000-7000-A000-%012X', i), printf('00000000-0000-7000-8000-%012X', i), 0, truth < 0.5,
          '2026-02-01', {2}, 'lead', {1}, 1 FROM n WHERE i % 2 = 0;
        CREATE TEMP TABLE r AS SELECT 1 AS reader UNION ALL SELECT 2 UNION ALL SELECT 4;
        INSERT INTO "Readings" ("Id", "StudyId", "ReaderId", "Stage", "Opinion", "Confidence", "PredictionId", "CreatedAt", "SubmissionId")
        SELECT printf('%02X%02X0000-0000-7000-8000-%012X', stage, reader, i), printf('00000000-0000-7000-8000-%012X', i),
          printf('00000000-0000-7000-B000-00000000000%X', reader), stage,
          CASE WHEN (truth + ((i * (reader * 37 + stage * 11) % 997) / 997.0 - 0.5) * 0.8 >= 0.5) THEN 0 ELSE 3 END, 1 + i % 5,
          CASE WHEN stage = 1 THEN printf('00000000-0000-7000-9000-%012X', i) END, {1} + i * 100000000 + stage,
            printf('%02X%02X0000-0000-7000-8001-%012X', stage, reader, i)
        FROM n, r, (SELECT 0 AS stage UNION ALL SELECT 1);
        """,
        [Studies, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks, FirstReader, Model]);
}
