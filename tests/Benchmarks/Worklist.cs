using System.Diagnostics;
using System.Globalization;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Benchmarks;

/// <summary>What the server does for one page of the worklist and for one study, among 100,000 studies in SQLite.</summary>
static class Worklist
{
    const int Count = 100_000, Turns = 40;

    static readonly (string Name, WorklistQuery Query)[] Queries =
    [
        ("first page", new()),
        ("page 1000", new(Page: 1000)),
        ("last page", new(Page: (Count / 50) - 1)),
        ("oldest first", new(Sort: WorklistSort.Received, Descending: false)),
        ("by patient", new(Sort: WorklistSort.Patient)),
        ("by probability, page 1000", new(Page: 1000, Sort: WorklistSort.Probability)),
        ("unread", new(IsRead: false)),
        ("urgent", new(IsUrgent: true)),
        ("unassigned", new(IsRead: false, IsUnassigned: true)),
        ("status", new(Status: StudyStatus.Ready)),
        ("class", new(PredictedClass: "COVID-19")),
        ("number holds", new(Text: "012")),
        ("one number", new(Text: "19999")),
        ("no number", new(Text: "zzz")),
    ];

    public static async Task<int> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("covidcxr-benchmark-").FullName;
        var services = new ServiceCollection().AddLogging().AddHttpContextAccessor();
        TestClinic.AddRooms(services, folder);
        await using var provider = services.BuildServiceProvider();
        await provider.PrepareCovidCxrAsync(isDemo: true, CancellationToken.None);
        var contexts = provider.GetRequiredService<IDbContextFactory<CovidCxrDbContext>>();
        var (reader, studies) = await SeedAsync(contexts);

        var list = provider.GetRequiredService<ListStudies>();
        var all = new List<double>();
        foreach (var (name, query) in Queries)
        {
            all.AddRange(Print(name, await TimeAsync(_ => list.RunAsync(query, reader, CancellationToken.None))));
        }

        Print("any of these pages", all);
        var open = provider.GetRequiredService<GetStudy>();
        Print("a study", await TimeAsync(i => open.RunAsync(studies[i], isView: true, reader, CancellationToken.None)));
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
        return 0;
    }

    static async Task<(Actor Reader, List<Guid> Studies)> SeedAsync(IDbContextFactory<CovidCxrDbContext> contexts)
    {
        await using var db = await contexts.CreateDbContextAsync();
        var account = await db.Users.SingleAsync(u => u.UserName == "radiologist@demo.local");
        await ManyStudies.AddAsync(db, Count, new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), account.Id);
        return (new(account.Id, account.UserName!, new HashSet<string> { Role.Radiologist }), await db.Studies.Select(s => s.Id).Take(
            Turns + 1).ToListAsync());
    }

    static async Task<List<double>> TimeAsync(Func<int, Task> turn)
    {
        var times = new List<double>();
        for (var i = 0; i <= Turns; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await turn(i);
            if (i > 0)
            {
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }

        return times;
    }

    static List<double> Print(string name, List<double> times)
    {
        var sorted = times.Order().ToArray();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-28} median {Interleaved.Median([.. sorted]),6:F1} ms  95th percentile "
                + $"{sorted[(int)Math.Ceiling(sorted.Length * 0.95) - 1],6:F1} ms"));
        return times;
    }
}
