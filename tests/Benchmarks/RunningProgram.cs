using System.Diagnostics;
using System.Globalization;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Rendering;

namespace Benchmarks;

/// <summary>The built web application as its users meet it: time to the first page, upload to stored prediction, memory.</summary>
static class RunningProgram
{
    const int FilmsBeside = 6;

    /// <param name="dll">CovidCxr.Web.dll; null for the one that a Release build leaves in the source tree.</param>
    public static async Task<int> RunAsync(string? dll, CancellationToken cancellation)
    {
        await using var program = new WebProgram(dll);
        var films = BenchmarkFilms.Pngs(1, 2);
        await StartAsync(program, "first start", films[0], cancellation);
        await program.StopAsync();
        await StartAsync(program, "second start", films[1], cancellation);
        await Task.Delay(TimeSpan.FromSeconds(10), cancellation);
        Console.WriteLine($"idle: {program.Megabytes} MB resident");
        using var readers = await HttpReaders.SignInAsync(program, cancellation);
        await MeasureAsync(program, readers, cancellation);
        await MeasureBesideTrainingAsync(program, readers, cancellation);
        return 0;
    }

    static async Task StartAsync(WebProgram program, string label, byte[] film, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        await program.StartAsync(cancellation);
        var firstPage = Stopwatch.GetElapsedTime(started);
        using var reader = await HttpReaders.SignInAsync(program, cancellation);
        await reader.ReadAsync(1, [film], new(), cancellation);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{label}: first page after {firstPage.TotalSeconds:F1} s, first prediction after "
                + $"{Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s"));
    }

    static async Task MeasureAsync(WebProgram program, HttpReaders http, CancellationToken cancellation)
    {
        var next = 1000;
        foreach (var (readers, each) in Uploads.Crowds)
        {
            var films = BenchmarkFilms.Pngs(next, readers * each);
            next += films.Count;
            var waits = new Waits();
            await http.ReadAsync(readers, films, waits, cancellation);
            Console.WriteLine($"{readers,2} readers, {waits}, {program.Megabytes} MB resident");
        }
    }

    // A training as the program starts it: a process of its own at lower priority, on all cores but one, whose threads do not spin.
    static async Task MeasureBesideTrainingAsync(WebProgram program, HttpReaders reader, CancellationToken cancellation)
    {
        async Task<double> MedianAsync(int seed)
        {
            var waits = new Waits();
            await reader.ReadAsync(1, BenchmarkFilms.Pngs(seed, FilmsBeside), waits, cancellation);
            return waits.Median;
        }

        var idle = await MedianAsync(5000);
        using var training = StartTraining(program.Folder);
        try
        {
            while (await training.StandardOutput.ReadLineAsync(cancellation) is { } line
                && !line.Contains("epoch", StringComparison.Ordinal))
            {
                // Until it trains.
            }

            _ = training.StandardOutput.ReadToEndAsync(CancellationToken.None);
            var busy = await MedianAsync(6000);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"beside a training: upload to result median {busy:F0} ms, idle {idle:F0} ms (x{busy / idle:F2})"));
        }
        finally
        {
            training.Kill(entireProcessTree: true);
            await training.WaitForExitAsync(CancellationToken.None);
        }
    }

    static Process StartTraining(string folder)
    {
        var data = Path.Combine(folder, "training");
        foreach (var (name, seed) in new[] { ("COVID-19", 0), ("Other", 1000) })
        {
            Directory.CreateDirectory(Path.Combine(data, name));
            for (var i = 0; i < 40; i++)
            {
                File.WriteAllBytes(Path.Combine(data, name, $"{name[0]}{i}.png"), PngEncoder.Encode(Blocks(seed + i)));
            }
        }

        var configuration = Path.Combine(folder, "run.json");
        File.WriteAllText(
            configuration,
            """
            {
              "name": "benchmark", "architecture": "resnet18", "classes": ["COVID-19", "Other"], "positiveClass": "COVID-19",
                "imageSize": 128, "batchSize": 16, "epochs": 1000,
              "data": { "name": "phantoms", "split": { "train": 0.7, "validation": 0.3, "test": 0 },
                "sources": [{ "path": ".", "classFolders": { "COVID-19": "COVID-19", "Other": "Other" } }] }
            }
            """);
        var cli = Path.Combine(WebProgram.Root, "src/CovidCxr.Cli/bin/Release/net10.0/covidcxr.dll");
        var start = new ProcessStartInfo(
            "nice", ["-n", "10", "dotnet", cli, "train", "--config", configuration, "--data", data, "--out", Path.Combine(folder, "run")])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["OMP_NUM_THREADS"] = Math.Max(1, Environment.ProcessorCount - 1).ToString(CultureInfo.InvariantCulture);
        start.Environment["OMP_WAIT_POLICY"] = "PASSIVE";
        return Process.Start(start)!;
    }

    // Pictures that nobody takes for copies of each other, as phantoms of one kind are.
    static GreyImage Blocks(int seed)
    {
        var random = new Random(seed);
        var grey = Enumerable.Range(0, 64).Select(_ => (ushort)random.Next(256)).ToArray();
        return new(256, 256, 8, [.. Enumerable.Range(0, 256 * 256).Select(i => grey[(i / 256 / 32 * 8) + (i % 256 / 32)])]);
    }
}
