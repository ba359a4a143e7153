using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CovidCxr.Clinic.Studies;
using CovidCxr.Laboratory.Models;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CovidCxr.EndToEnd.Tests;

/// <summary>The program as a process of its own, on a free port, with a data folder of its own.</summary>
sealed class RunningProgram : IAsyncDisposable
{
    static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(8);

    readonly Dictionary<string, string> _settings;
    readonly StreamWriter _log;
    Process? _process;

    RunningProgram(string name, Dictionary<string, string> settings)
    {
        _settings = settings;
        Folder = new DataFolder(Directory.CreateTempSubdirectory("covidcxr-e2e-").FullName);
        Address = new Uri($"http://127.0.0.1:{FreePort()}");
        _log = new StreamWriter(Path.Combine(Places.Results, name + ".log")) { AutoFlush = true };
    }

    public DataFolder Folder { get; }

    public Uri Address { get; }

    public string LogFile => ((FileStream)_log.BaseStream).Name;

    public static async Task<RunningProgram> StartAsync(string name, Dictionary<string, string> settings)
    {
        var program = new RunningProgram(name, settings);
        try
        {
            await program.StartAsync();
            return program;
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, again after a <see cref="KillAsync"/>, and waits until it answers, with its model and its phantoms.</summary>
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("dotnet", [Places.Program])
        {
            WorkingDirectory = Places.WebProject,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
                ["ASPNETCORE_URLS"] = Address.ToString().TrimEnd('/'),
                ["Storage__DataFolder"] = Folder.Root,
            },
        };
        foreach (var (key, value) in _settings)
        {
            start.Environment[key] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, e) => Note(e.Data);
        _process.ErrorDataReceived += (_, e) => Note(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await WaitUntilItAnswersAsync();
        await WaitUntilItIsWarmAsync();
    }

    /// <summary>As a power cut would: SIGKILL, no handler runs.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>The program's database, beside the program.</summary>
    public CovidCxrDbContext OpenDatabase() => new((DbContextOptions<CovidCxrDbContext>)StorageRegistration.Configure(
        new DbContextOptionsBuilder<CovidCxrDbContext>(), Folder.Database).Options);

    /// <summary>A version beside the running program, in its database. A stand-in is measured on nothing: the gate's results are stand-ins
    /// as well.</summary>
    /// <returns>Its number.</returns>
    public async Task<int> RegisterAsync(string file)
    {
        var contexts = new Contexts(this);
        var key = new AuditKey(contexts, Folder, Options.Create(new AuditOptions()));
        using var spill = new AuditSpill(contexts, Folder, key, TimeProvider.System, NullLogger<AuditSpill>.Instance);
        var log = new AuditLog(contexts, key, spill, TimeProvider.System);
        await new RegisterModel(contexts, Folder, log, TimeProvider.System).RunAsync(file, actor: null, CancellationToken.None);
        await using var db = OpenDatabase();
        foreach (var model in await db.ModelVersions.Where(m => !db.GateResults.Any(g => g.ModelVersionId == m.Id)).ToListAsync())
        {
            db.GateResults.Add(new()
            {
                ModelVersionId = model.Id,
                RunId = Guid.NewGuid(),
                MeasuredAt = TimeProvider.System.GetUtcNow(),
                Evidence = TestModels.Evidence(model.Sha256),
            });
        }

        await db.SaveChangesAsync();
        return await db.ModelVersions.MaxAsync(m => m.Number);
    }

    sealed class Contexts(RunningProgram program) : IDbContextFactory<CovidCxrDbContext>
    {
        public CovidCxrDbContext CreateDbContext() => program.OpenDatabase();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }

        await _log.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(Folder.Root, recursive: true);
    }

    async Task WaitUntilItAnswersAsync()
    {
        using var client = new HttpClient { BaseAddress = Address };
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < StartTimeout; await Task.Delay(200))
        {
            Assert.False(_process!.HasExited, $"The program ended at its start; see {LogFile}.");
            try
            {
                if ((await client.GetAsync("/health")).StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
        }

        Assert.Fail($"The program did not answer within {StartTimeout}; see {LogFile}.");
    }

    async Task WaitUntilItIsWarmAsync()
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < StartTimeout; await Task.Delay(200))
        {
            await using var db = OpenDatabase();
            if (await db.ModelVersions.AnyAsync(m => m.IsActive) && await db.Studies.CountAsync() >= SeedPhantomStudies.Count)
            {
                return;
            }
        }

        Assert.Fail($"The program was without model or phantoms after {StartTimeout}; see {LogFile}.");
    }

    void Note(string? line)
    {
        lock (_log)
        {
            if (line is not null && _log.BaseStream is not null)
            {
                _log.WriteLine(line);
            }
        }
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
