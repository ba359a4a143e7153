using System.Diagnostics;
using System.Net;
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
    static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(8), EndTimeout = TimeSpan.FromMinutes(2);

    readonly Dictionary<string, string> _settings;
    readonly StorageOptions _storage;
    readonly StreamWriter _log;
    readonly bool _isFilled, _isFirst;
    Process? _process;

    RunningProgram(string name, Dictionary<string, string> settings, bool isPostgreSql, bool isFilled, RunningProgram? first = null)
    {
        (_settings, _isFilled, _isFirst) = (settings, isFilled, first is null);
        Folder = first?.Folder ?? new DataFolder(Directory.CreateTempSubdirectory("covidcxr-e2e-").FullName);
        _storage = isPostgreSql ? PostgreSqlServer.Of(Folder) : new();
        if (isPostgreSql && _isFirst)
        {
            PostgreSqlServer.Create(Folder, isMigrated: false);
        }

        Address = new Uri($"http://127.0.0.1:{FreePort.Find()}");
        _log = new StreamWriter(Path.Combine(Places.Results, name + ".log")) { AutoFlush = true };
    }

    public DataFolder Folder { get; }

    public Uri Address { get; }

    public string LogFile => ((FileStream)_log.BaseStream).Name;

    /// <param name="name">Of its log.</param>
    /// <param name="settings">By environment variable.</param>
    /// <param name="isPostgreSql">Whether its rows are in a database of a server, which has no table yet.</param>
    /// <param name="isFilled">Whether the story needs the model and the phantoms, which come after the first answer.</param>
    public static async Task<RunningProgram> StartAsync(
        string name, Dictionary<string, string> settings, bool isPostgreSql = false, bool isFilled = true)
    {
        return await StartAsync(new RunningProgram(name, settings, isPostgreSql || PostgreSqlServer.IsChosen, isFilled));
    }

    /// <summary>Another program on the folder and the server's database of a first one, which has to outlive it.</summary>
    public Task<RunningProgram> StartBesideAsync(string name, Dictionary<string, string> settings) =>
        StartAsync(new RunningProgram(name, settings, isPostgreSql: true, isFilled: false, first: this));

    static async Task<RunningProgram> StartAsync(RunningProgram program)
    {
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

    /// <summary>
    /// Starts it, again after a <see cref="KillAsync"/>, and waits until it answers, if the story needs them with its model and its
    /// phantoms.
    /// </summary>
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
                ["Storage__Provider"] = _storage.Provider.ToString(),
                ["Storage__ConnectionString"] = _storage.ConnectionString,
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
        if (_isFilled)
        {
            await WaitUntilItIsWarmAsync();
        }
    }

    /// <summary>As a power cut would: SIGKILL, no handler runs.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        // Its output ends with the last of its children, which end by themselves.
        await _process.WaitForExitAsync().WaitAsync(EndTimeout);
        _process.Dispose();
        _process = null;
    }

    /// <summary>As whoever rolls out a new build does: SIGTERM, and it has its time.</summary>
    public async Task StopAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{_process!.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        await _process.WaitForExitAsync().WaitAsync(EndTimeout);
        _process.Dispose();
        _process = null;
    }

    /// <summary>Waits until its database says so.</summary>
    public async Task UntilAsync(Func<CovidCxrDbContext, Task<bool>> isSo, int minutes = 2)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromMinutes(minutes); await Task.Delay(20))
        {
            await using var db = OpenDatabase();
            if (await isSo(db))
            {
                return;
            }
        }

        Assert.Fail($"It did not come to pass within {minutes} minutes; see {LogFile}.");
    }

    /// <summary>The program's database, beside the program.</summary>
    public CovidCxrDbContext OpenDatabase() => CovidCxrDbContext.Open((DbContextOptions<CovidCxrDbContext>)StorageRegistration.Configure(
        new DbContextOptionsBuilder<CovidCxrDbContext>(), _storage, Folder).Options);

    /// <summary>Registers a model beside the running program, in its database, with a gate that it passed.</summary>
    /// <returns>The version's number.</returns>
    public async Task<int> RegisterAsync(string file)
    {
        var contexts = new Contexts(this);
        var key = new AuditKey(contexts, Folder, Options.Create(new AuditOptions()));
        using var spill = new AuditSpill(contexts, Folder, key, TimeProvider.System, NullLogger<AuditSpill>.Instance);
        var log = new AuditLog(contexts, key, spill, TimeProvider.System);
        await new RegisterModel(contexts, Folder, log, TimeProvider.System).RunAsync(file, actor: null, CancellationToken.None);
        await using var db = OpenDatabase();
        // A stand-in is measured on nothing: the gate's results are stand-ins as well.
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

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }

        await _log.DisposeAsync();
        if (!_isFirst)
        {
            return;
        }

        if (_storage.Provider == StorageProvider.PostgreSql)
        {
            PostgreSqlServer.Drop(Folder);
        }

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

    Task WaitUntilItIsWarmAsync() => UntilAsync(
        async db => await db.ModelVersions.AnyAsync(m => m.IsActive) && await db.Studies.CountAsync() >= SeedPhantomStudies.Count,
        (int)StartTimeout.TotalMinutes);

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

    sealed class Contexts(RunningProgram program) : IDbContextFactory<CovidCxrDbContext>
    {
        public CovidCxrDbContext CreateDbContext() => program.OpenDatabase();
    }
}
