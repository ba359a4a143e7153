using System.Diagnostics;
using System.Globalization;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace Benchmarks;

/// <summary>
/// Films of 2048 x 2048 at 16 bits by C-STORE: how many a second the program takes beside Orthanc, by one sender and by four at once; and
/// how long one takes from the sender's start to the model's answer, and to the results in that Orthanc.
/// </summary>
sealed class Ingest(WebProgram program, string folder, int ours, int theirs)
{
    const string Modality = "CR1", Ae = "COVIDCXR", Archive = "ORTHANC", Orthanc = "/usr/sbin/Orthanc";
    const int Rounds = 4, Answered = 30;

    int _next = 1;

    public static async Task<int> RunAsync(string? films, CancellationToken cancellation)
    {
        var (ours, theirs, http) = (FreePort.Find(), FreePort.Find(), FreePort.Find());
        var folder = Directory.CreateTempSubdirectory("covidcxr-ingest-").FullName;
        await File.WriteAllTextAsync(
            Path.Combine(folder, "orthanc.json"),
            $$"""
            { "StorageDirectory": "{{folder}}/orthanc", "IndexDirectory": "{{folder}}/orthanc", "HttpPort": {{http}},
              "DicomPort": {{theirs}}, "DicomAet": "{{Archive}}", "AuthenticationEnabled": false, "DicomModalities": {} }
            """, cancellation);
        using var orthanc = Process.Start(new ProcessStartInfo(Orthanc, [$"{folder}/orthanc.json"]) { RedirectStandardError = true })!;
        orthanc.ErrorDataReceived += (_, _) => { };
        orthanc.BeginErrorReadLine();
        await using var program = new WebProgram(settings: new Dictionary<string, string>
        {
            ["Hospital__Receive"] = "true",
            ["Hospital__Port"] = $"{ours}",
            ["Hospital__MaxWaiting"] = "100000",
            ["Hospital__Peers__0__AeTitle"] = Modality,
            ["Hospital__Peers__0__Host"] = "127.0.0.1",
            ["Hospital__Destinations__0__Name"] = Archive,
            ["Hospital__Destinations__0__AeTitle"] = Archive,
            ["Hospital__Destinations__0__Host"] = "127.0.0.1",
            ["Hospital__Destinations__0__Port"] = $"{theirs}",
            ["Hospital__Destinations__0__Send"] = "true",
        });
        try
        {
            await program.StartAsync(cancellation);
            var ingest = new Ingest(program, folder, ours, theirs);
            await ingest.AnswersAsync(cancellation);
            await ingest.RatesAsync(int.Parse(films ?? "40", CultureInfo.InvariantCulture), cancellation);
            return 0;
        }
        finally
        {
            orthanc.Kill();
            await orthanc.WaitForExitAsync(CancellationToken.None);
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>One film at a time, each once the one before is through.</summary>
    async Task AnswersAsync(CancellationToken cancellation)
    {
        await using (var db = Open())
        {
            // Nothing is held back for a reader, so that results leave at once.
            db.PolicyChanges.Add(new()
            {
                Policy = ReadingPolicy.Concurrent,
                ChangedBy = Guid.Empty,
                ChangedByName = "benchmark",
                ChangedAt = TimeProvider.System.GetUtcNow(),
            });
            await db.SaveChangesAsync(cancellation);
        }

        await UntilAsync(db => IsIdleAsync(db, cancellation), cancellation);
        var (answer, results) = (new Waits(), new Waits());
        for (var film = 0; film <= Answered; film++)
        {
            var sent = Write(1)[0];
            var uid = Uid(_next - 1);
            var (isWarm, started) = (film > 0, Stopwatch.GetTimestamp());
            await SendAsync(Ae, ours, [sent], cancellation);
            await UntilAsync(
                db => db.Studies.AnyAsync(s => s.DicomInstanceUid == uid && s.Status == StudyStatus.Ready, cancellation), cancellation);
            if (isWarm)
            {
                answer.Add(Stopwatch.GetElapsedTime(started));
            }

            await UntilAsync(
                async db => await db.OutgoingResults.CountAsync(
                    r => r.State == DeliveryState.Delivered && db.Studies.Any(s => s.Id == r.StudyId && s.DicomInstanceUid == uid),
                    cancellation) == 2,
                cancellation);
            if (isWarm)
            {
                results.Add(Stopwatch.GetElapsedTime(started));
            }

            File.Delete(sent);
        }

        Console.WriteLine($"sender's start to the model's answer: {answer}");
        Console.WriteLine($"sender's start to picture and report in the archive: {results}");
    }

    async Task RatesAsync(int films, CancellationToken cancellation)
    {
        foreach (var senders in new[] { 1, 4 })
        {
            List<double> own = [], other = [];
            for (var round = 0; round <= Rounds; round++)
            {
                var paths = Write(films);
                // Each begins in every second round; the first one warms up.
                var turns = new (string Ae, int Port, List<double> Rates)[] { (Ae, ours, own), (Archive, theirs, other) };
                foreach (var (ae, port, rates) in round % 2 == 0 ? turns : turns.Reverse())
                {
                    await UntilAsync(db => IsIdleAsync(db, cancellation), cancellation);
                    var started = Stopwatch.GetTimestamp();
                    await Task.WhenAll(paths.Chunk((films + senders - 1) / senders).Select(c => SendAsync(ae, port, c, cancellation)));
                    if (round > 0)
                    {
                        rates.Add(films / Stopwatch.GetElapsedTime(started).TotalSeconds);
                    }
                }

                paths.ForEach(File.Delete);
            }

            var (a, b) = (Interleaved.Median([.. own]), Interleaved.Median([.. other]));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{senders} sender(s), {films} films: {a:F1} films a second, Orthanc {b:F1} (x{a / b:F2}); rounds "
                    + $"{string.Join(' ', own.Select(r => $"{r:F1}"))} and {string.Join(' ', other.Select(r => $"{r:F1}"))}"));
        }
    }

    static async Task<bool> IsIdleAsync(CovidCxrDbContext db, CancellationToken cancellation) =>
        !await db.ReceivedObjects.AnyAsync(r => r.State == ReceivedState.Waiting, cancellation)
        && !await db.Studies.AnyAsync(s => s.Status == StudyStatus.Queued || s.Status == StudyStatus.Analysing, cancellation)
        && !await db.OutgoingResults.AnyAsync(r => r.State == DeliveryState.Waiting, cancellation);

    CovidCxrDbContext Open() => new((DbContextOptions<CovidCxrDbContext>)StorageRegistration.Configure(
        new DbContextOptionsBuilder<CovidCxrDbContext>(), program.Database).Options);

    async Task UntilAsync(Func<CovidCxrDbContext, Task<bool>> isSo, CancellationToken cancellation)
    {
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < 10 * WebProgram.Patience;)
        {
            await using var db = Open();
            if (await isSo(db))
            {
                return;
            }

            await Task.Delay(20, cancellation);
        }

        throw new TimeoutException("What was sent did not come through.");
    }

    static string Uid(int number) => $"1.2.826.0.1.3680043.10.999.77.{number}";

    /// <summary>Films of patients of their own, as files.</summary>
    List<string> Write(int count)
    {
        List<int> numbers = [.. Enumerable.Range(_next, count)];
        _next += count;
        return [.. numbers.AsParallel().AsOrdered().Select(number =>
        {
            var path = Path.Combine(folder, $"{number}.dcm");
            File.WriteAllBytes(path, DicomFilm.Write(
                BenchmarkFilms.Film(number), (0x0008_0018, "UI", Uid(number)), (0x0008_0060, "CS", "CR"),
                (0x0010_0020, "LO", $"B-{number}"), (0x0010_0030, "DA", "19600101"), (0x0010_0040, "CS", "F"),
                (0x0018_0015, "CS", "CHEST"), (0x0018_5101, "CS", "PA"), (0x0020_000D, "UI", $"{Uid(number)}.1"),
                (0x0020_000E, "UI", $"{Uid(number)}.2")));
            return path;
        })];
    }

    static async Task SendAsync(string ae, int port, IEnumerable<string> files, CancellationToken cancellation)
    {
        using var sender = Process.Start("storescu", ["-q", "-aet", Modality, "-aec", ae, "127.0.0.1", $"{port}", .. files]);
        await sender.WaitForExitAsync(cancellation);
        if (sender.ExitCode != 0)
        {
            throw new InvalidOperationException($"{ae} did not take what storescu sent.");
        }
    }
}
