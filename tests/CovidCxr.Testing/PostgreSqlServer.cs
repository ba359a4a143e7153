using System.Diagnostics;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CovidCxr.Testing;

/// <summary>
/// A PostgreSQL server for this process alone, which goes with it, however it ends. It is started when the first test asks, listens to a
/// socket in a folder of its own, and keeps nothing for a power cut.
/// </summary>
public static class PostgreSqlServer
{
    /// <summary>Takes every test's database to PostgreSQL where it is "PostgreSql".</summary>
    public const string Variable = "COVIDCXR_STORAGE";

    // Tells a worker that a test starts where the server is.
    const string PlaceVariable = "COVIDCXR_TEST_POSTGRESQL", Template = "template_covidcxr";

    const string Script =
        """
        asServer() { if [ "$(id -u)" = 0 ]; then setpriv --reuid postgres --regid postgres --clear-groups "$@"; else "$@"; fi; }
        if [ "$(id -u)" = 0 ]; then chown postgres "$1"; fi
        cd "$1"
        asServer "$0/initdb" -D "$1/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N >/dev/null || exit 1
        asServer "$0/postgres" -D "$1/data" -k "$1" -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
          -c max_connections=300 -c shared_buffers=64MB -c autovacuum=off >"$1/log" 2>&1 </dev/null &
        tries=0
        until "$0/pg_isready" -q -h "$1" -U postgres; do tries=$((tries + 1)); [ $tries -lt 600 ] || exit 1; sleep 0.1; done
        echo ready
        # Nothing comes; the end of this is the end of the tests.
        cat >/dev/null
        kill -QUIT "$(head -1 "$1/data/postmaster.pid")"
        wait
        rm -rf "$1"
        """;

    static readonly Lazy<string> Place = new(Start);
    static readonly Lazy<bool> Templates = new(MakeTemplate);

    // Held, for the server goes when it is closed.
    static Process? Server { get; set; }

    /// <summary>Whether every test's database is to be there.</summary>
    public static bool IsChosen { get; } =
        string.Equals(Environment.GetEnvironmentVariable(Variable), nameof(StorageProvider.PostgreSql), StringComparison.OrdinalIgnoreCase);

    /// <summary>Why there is none; null where there is.</summary>
    public static string? Missing => Programs() is null ? "No PostgreSQL in /usr/lib/postgresql (apt-get install postgresql)" : null;

    /// <summary>The database that belongs to a data folder, whether it is made yet or not.</summary>
    public static StorageOptions Of(DataFolder folder) => Of(folder.Root);

    /// <summary>The same by its path; a folder that is not there is not made.</summary>
    public static StorageOptions Of(string folder) => new()
    {
        DataFolder = folder,
        Provider = StorageProvider.PostgreSql,
        ConnectionString = Connection(Path.GetFileName(folder.TrimEnd('/'))),
    };

    /// <summary>Makes it.</summary>
    /// <param name="isMigrated">With this program's schema; else without a table.</param>
    public static void Create(DataFolder folder, bool isMigrated)
    {
        _ = !isMigrated || Templates.Value;
        Run($"CREATE DATABASE \"{NameOf(folder)}\" TEMPLATE {(isMigrated ? Template : "template0")}");
    }

    public static void Drop(DataFolder folder)
    {
        using (var connection = new NpgsqlConnection(WithDefaults(folder)))
        {
            NpgsqlConnection.ClearPool(connection);
        }

        Run($"DROP DATABASE IF EXISTS \"{NameOf(folder)}\" WITH (FORCE)");
    }

    public static void Copy(DataFolder from, DataFolder to)
    {
        Drop(to);
        using (var connection = new NpgsqlConnection(WithDefaults(from)))
        {
            NpgsqlConnection.ClearPool(connection);
        }

        Run($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{NameOf(from)}'");
        Run($"CREATE DATABASE \"{NameOf(to)}\" TEMPLATE \"{NameOf(from)}\"");
    }

    /// <summary>A statement that belongs to no database, such as CREATE DATABASE.</summary>
    static void Run(string sql)
    {
        using var connection = new NpgsqlConnection(Connection("postgres"));
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Names of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    static string NameOf(DataFolder folder) => Path.GetFileName(folder.Root);

    static string Connection(string database) => $"Host={Place.Value};Username=postgres;Database={database};Maximum Pool Size=20";

    // The pool is known by the string that the program makes of it.
    static string WithDefaults(DataFolder folder)
    {
        var options = new DbContextOptionsBuilder<CovidCxrDbContext>();
        StorageRegistration.Configure(options, Of(folder), folder);
        using var db = CovidCxrDbContext.Open(options.Options);
        return db.Database.GetConnectionString()!;
    }

    static bool MakeTemplate()
    {
        Run($"CREATE DATABASE {Template} TEMPLATE template0");
        var options = new DbContextOptionsBuilder<CovidCxrDbContext>();
        StorageRegistration.Configure(
            options, new() { Provider = StorageProvider.PostgreSql, ConnectionString = Connection(Template) + ";Pooling=false" }, null!);
        using var db = CovidCxrDbContext.Open(options.Options);
        db.Database.Migrate();
        return true;
    }

    static string? Programs() => !Directory.Exists("/usr/lib/postgresql") ? null
        : Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin"))
            .Where(d => File.Exists(Path.Combine(d, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault();

    static string Start()
    {
        if (Environment.GetEnvironmentVariable(PlaceVariable) is { Length: > 0 } known)
        {
            return known;
        }

        // A word that xunit skips a test by.
        var programs = Programs() ?? throw new InvalidOperationException($"$XunitDynamicSkip${Missing}");
        var place = Directory.CreateTempSubdirectory("covidcxr-pg-").FullName;
        Server = Process.Start(
            new ProcessStartInfo("sh", ["-c", Script, programs, place]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        if (Server.StandardOutput.ReadLine() != "ready")
        {
            throw new InvalidOperationException($"PostgreSQL does not start; see {place}/log.");
        }

        Environment.SetEnvironmentVariable(PlaceVariable, place);
        return place;
    }
}
