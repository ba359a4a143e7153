using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Rendering;
using Microsoft.Data.Sqlite;

namespace Benchmarks;

/// <summary>The built web application as its users meet it: time to the first page, upload to stored prediction, memory.</summary>
static partial class RunningProgram
{
    const int FilmsPerReader = 6, FilmSide = 2048;
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <param name="program">CovidCxr.Web.dll; null for the one that a Release build leaves in the source tree.</param>
    public static async Task<int> RunAsync(string? program)
    {
        var root = AppContext.BaseDirectory[..AppContext.BaseDirectory.IndexOf("/tests/Benchmarks", StringComparison.Ordinal)];
        program ??= Path.Combine(root, "src/CovidCxr.Web/bin/Release/net10.0/CovidCxr.Web.dll");
        var folder = Directory.CreateTempSubdirectory("covidcxr-benchmark-").FullName;
        var address = $"http://127.0.0.1:{FreePort()}";
        foreach (var start in new[] { "first start", "second start" })
        {
            using var process = await StartAsync(program, folder, address, start);
            if (start == "second start")
            {
                await MeasureAsync(process, address, folder);
                await MeasureBesideTrainingAsync(root, folder, address);
            }

            process.Kill();
            await process.WaitForExitAsync();
        }

        Directory.Delete(folder, recursive: true);
        return 0;
    }

    static async Task<Process> StartAsync(string program, string folder, string address, string label)
    {
        var started = Stopwatch.GetTimestamp();
        var info = new ProcessStartInfo("dotnet", [program]) { WorkingDirectory = Path.GetDirectoryName(program)!, RedirectStandardOutput = true };
        foreach (var (name, value) in new[] { ("ASPNETCORE_ENVIRONMENT", "Development"), ("ASPNETCORE_URLS", address), ("Storage__DataFolder", folder) })
        {
            info.Environment[name] = value;
        }

        var process = Process.Start(info)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        using var client = new HttpClient();
        while (true)
        {
            try
            {
                using var page = await client.GetAsync(address + "/account/sign-in");
                if (page.IsSuccessStatusCode)
                {
                    break;
                }
            }
            catch (HttpRequestException) when (!process.HasExited && Stopwatch.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(20);
            }
        }

        var firstPage = Stopwatch.GetElapsedTime(started);
        await ReadAsync(await SignInAsync(address), [Film(label.Length)], address, folder);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{label}: first page after {firstPage.TotalSeconds:F1} s, first prediction after {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s"));
        return process;
    }

    static async Task MeasureAsync(Process process, string address, string folder)
    {
        await Task.Delay(TimeSpan.FromSeconds(10));
        Console.WriteLine($"idle: {Megabytes(process)} MB resident");
        var seed = 1000;
        foreach (var readers in new[] { 1, 5, 20 })
        {
            var clients = await Task.WhenAll(Enumerable.Range(0, readers).Select(_ => SignInAsync(address)));
            var films = clients.Select(c => (Client: c, Films: Enumerable.Range(0, readers > 5 ? 2 : FilmsPerReader).Select(_ => Film(seed++)).ToList())).ToList();
            var times = (await Task.WhenAll(films.Select(f => ReadAsync(f.Client, f.Films, address, folder)))).SelectMany(t => t).ToArray();
            Array.Sort(times);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{readers,2} readers, {times.Length} films: upload to result median {Interleaved.Median(times):F0} ms, 95th percentile {times[(int)Math.Ceiling(times.Length * 0.95) - 1]:F0} ms, {Megabytes(process)} MB resident"));
        }
    }

    // A training as the program starts it: a process of its own at lower priority, on all cores but one, whose threads do not spin.
    static async Task MeasureBesideTrainingAsync(string root, string folder, string address)
    {
        var client = await SignInAsync(address);
        async Task<double> MedianAsync(int seed)
        {
            var times = (await ReadAsync(client, [.. Enumerable.Range(seed, FilmsPerReader).Select(Film)], address, folder)).ToArray();
            return Interleaved.Median(times);
        }

        var idle = await MedianAsync(5000);
        using var training = StartTraining(root, folder);
        while (await training.StandardOutput.ReadLineAsync() is { } line && !line.Contains("epoch", StringComparison.Ordinal))
        {
            // Until it trains.
        }

        var drain = training.StandardOutput.ReadToEndAsync();
        var busy = await MedianAsync(6000);
        training.Kill(entireProcessTree: true);
        await drain;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"beside a training: upload to result median {busy:F0} ms, idle {idle:F0} ms (x{busy / idle:F2})"));
    }

    static Process StartTraining(string root, string folder)
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
              "name": "benchmark", "architecture": "resnet18", "classes": ["COVID-19", "Other"], "positiveClass": "COVID-19", "imageSize": 128, "batchSize": 16, "epochs": 1000,
              "data": { "name": "phantoms", "split": { "train": 0.7, "validation": 0.3, "test": 0 }, "sources": [{ "path": ".", "classFolders": { "COVID-19": "COVID-19", "Other": "Other" } }] }
            }
            """);
        var cli = Path.Combine(root, "src/CovidCxr.Cli/bin/Release/net10.0/covidcxr.dll");
        var start = new ProcessStartInfo("nice", ["-n", "10", "dotnet", cli, "train", "--config", configuration, "--data", data, "--out", Path.Combine(folder, "run")])
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

    static byte[] Film(int seed) => PngEncoder.Encode(PhantomDrawer.Draw(PhantomKind.BilateralOpacities, seed, FilmSide, 16));

    static async Task<List<double>> ReadAsync((HttpClient Http, string Token) client, List<byte[]> films, string address, string folder)
    {
        var times = new List<double>();
        await using var database = new SqliteConnection($"Data Source={Path.Combine(folder, "covidcxr.db")};Mode=ReadOnly");
        await database.OpenAsync();
        foreach (var film in films)
        {
            var started = Stopwatch.GetTimestamp();
            using var form = new MultipartFormDataContent { { new ByteArrayContent(film), "file", "film.png" } };
            using var request = new HttpRequestMessage(HttpMethod.Post, address + "/studies/upload") { Content = form };
            request.Headers.Add("RequestVerificationToken", client.Token);
            using var response = await client.Http.SendAsync(request);
            response.EnsureSuccessStatusCode();
            var id = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("studyId").GetGuid();
            while (!await HasPredictionAsync(database, id))
            {
                await Task.Delay(20);
            }

            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return times;
    }

    static async Task<bool> HasPredictionAsync(SqliteConnection database, Guid study)
    {
        await using var command = database.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM Predictions WHERE StudyId = $id COLLATE NOCASE";
        command.Parameters.AddWithValue("$id", study.ToString());
        return (long)(await command.ExecuteScalarAsync())! > 0;
    }

    static async Task<(HttpClient Http, string Token)> SignInAsync(string address)
    {
        var http = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { Timeout = Patience };
        var page = await http.GetStringAsync(address + "/account/sign-in");
        var fields = new Dictionary<string, string>
        {
            ["__RequestVerificationToken"] = FormToken().Match(page).Groups[1].Value,
            ["_handler"] = "sign-in",
            ["Input.UserName"] = "radiologist@demo.local",
            ["Input.Password"] = PasswordShown().Match(page).Groups[1].Value,
        };
        using var answer = await http.PostAsync(address + "/account/sign-in", new FormUrlEncodedContent(fields));
        var worklist = await http.GetStringAsync(address + "/");
        return (http, PageToken().Match(worklist).Groups[1].Value);
    }

    static long Megabytes(Process process)
    {
        process.Refresh();
        return process.WorkingSet64 / (1024 * 1024);
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken();

    [GeneratedRegex("radiologist@demo.local</td><td><code>([^<]+)<")]
    private static partial Regex PasswordShown();

    [GeneratedRegex("name=\"antiforgery\" content=\"([^\"]+)\"")]
    private static partial Regex PageToken();
}
