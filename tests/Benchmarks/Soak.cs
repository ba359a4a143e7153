using System.Diagnostics;
using System.Diagnostics.Tracing;
using System.Globalization;
using CovidCxr.Imaging.Augmentation;
using Microsoft.Diagnostics.NETCore.Client;

namespace Benchmarks;

/// <summary>Readers at work for a long time: they look at pages, pictures and pixels, and upload a film now and then.</summary>
static class Soak
{
    // The keyword of the runtime's own events that makes it collect when somebody begins to listen.
    const long Collect = 0x800000;

    static readonly TimeSpan Pause = TimeSpan.FromSeconds(2), Look = TimeSpan.FromSeconds(10), Settle = TimeSpan.FromSeconds(1);

    static readonly string[] Pages = ["/", "/?page=2", "/help", "/health/ready", "/account/sign-in"];

    /// <param name="arguments">Minutes and readers.</param>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var minutes = double.Parse(arguments[0], CultureInfo.InvariantCulture);
        var readers = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        await using var program = new WebProgram();
        await program.StartAsync(cancellation);
        using var http = await HttpReaders.SignInAsync(program, cancellation);
        var studies = new List<Guid> { await http.UploadAsync(BenchmarkFilms.Png(1), cancellation) };
        var (answers, errors, film) = (0, 0, 1);
        var started = Stopwatch.GetTimestamp();
        bool IsOver() => Stopwatch.GetElapsedTime(started) > TimeSpan.FromMinutes(minutes);

        async Task WorkAsync(int reader)
        {
            var random = new SplitMix64(reader);
            while (!IsOver())
            {
                int status;
                try
                {
                    status = await ActAsync(random.Below(12));
                }
                catch (HttpRequestException e) when (e.StatusCode is { } answered)
                {
                    status = (int)answered;
                }

                Interlocked.Increment(ref answers);
                if (status >= 500)
                {
                    Interlocked.Increment(ref errors);
                }

                await Task.Delay(Pause, cancellation);
            }

            async Task<int> ActAsync(int choice)
            {
                Guid study;
                lock (studies)
                {
                    study = studies[random.Below(studies.Count)];
                }

                switch (choice)
                {
                    case 0:
                        var added = await http.UploadAsync(BenchmarkFilms.Png(Interlocked.Increment(ref film)), cancellation);
                        lock (studies)
                        {
                            studies.Add(added);
                        }

                        return 200;
                    case < 4:
                        return (int)await http.GetAsync($"/studies/{study}/thumbnail", cancellation);
                    case < 6:
                        return (int)await http.GetAsync($"/studies/{study}/pixels", cancellation);
                    case < 8:
                        return (int)await http.GetAsync($"/studies/{study}", cancellation);
                    default:
                        return (int)await http.GetAsync(Pages[random.Below(Pages.Length)], cancellation);
                }
            }
        }

        var work = Task.WhenAll(Enumerable.Range(1, readers).Select(WorkAsync));
        List<(double Minute, double Megabytes)> seen = [], kept = [];
        while (!work.IsCompleted)
        {
            await Task.WhenAny(work, Task.Delay(Look, cancellation));
            var minute = Stopwatch.GetElapsedTime(started).TotalMinutes;
            seen.Add((minute, program.Megabytes));
            if (minute > kept.Count + 1 && !work.IsCompleted)
            {
                // What one collection frees, the next gives back.
                await CollectAsync(program.Id, cancellation);
                await CollectAsync(program.Id, cancellation);
                kept.Add((minute, program.Megabytes));
            }
        }

        await work;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{readers} readers, {minutes} minutes: {answers} answers, {errors} of them 5xx, {film} films"));
        Print("every 10 s", seen);
        Print("once a minute, after the collector ran", kept);
        return errors == 0 ? 0 : 1;

        // The first third fills caches.
        void Print(string when, List<(double Minute, double Megabytes)> all)
        {
            var counted = all.Where(s => s.Minute > minutes / 3).ToList();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  resident, {when}: {counted[0].Megabytes:F0} MB after a third, {counted[^1].Megabytes:F0} MB at the end, "
                    + $"{counted.Min(s => s.Megabytes):F0} to {counted.Max(s => s.Megabytes):F0}, slope {Slope(counted):F2} MB a minute"));
        }
    }

    static async Task CollectAsync(int process, CancellationToken cancellation)
    {
        var collect = new EventPipeProvider("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, Collect);
        using var session = await new DiagnosticsClient(process).StartEventPipeSessionAsync(
            collect, requestRundown: false, token: cancellation);
        var read = session.EventStream.CopyToAsync(Stream.Null, cancellation);
        await Task.Delay(Settle, cancellation);
        await session.StopAsync(cancellation);
        await read;
    }

    // Least squares.
    static double Slope(List<(double Minute, double Megabytes)> seen)
    {
        var (x, y) = (seen.Average(s => s.Minute), seen.Average(s => s.Megabytes));
        return seen.Sum(s => (s.Minute - x) * (s.Megabytes - y)) / seen.Sum(s => (s.Minute - x) * (s.Minute - x));
    }
}
