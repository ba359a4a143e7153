using System.Data;
using System.Data.Common;
using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CovidCxr.Storage.Nodes;

/// <summary>
/// The one connection by which PostgreSQL knows that a program is there. Its locks say which of several programs does a work that only
/// one may do; they go with the connection, however the program ends, so that nothing has to be elected or to lapse.
/// </summary>
/// <remarks>It wants a session of its own: a pooler that lends one for each transaction cannot stand in between.</remarks>
public sealed class NodeConnection(IDbContextFactory<CovidCxrDbContext> contexts) : IAsyncDisposable
{
    // The server gives up a program whose machine is gone after some 30 seconds. The program asks sooner whether its connection still
    // stands, and so stops first.
    const string Keepalive = "SET tcp_keepalives_idle = 15; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";

    const string Naming = "SELECT set_config('application_name', $1, false)";

    /// <summary>Seconds for an answer.</summary>
    const int Patience = 10;

    readonly SemaphoreSlim _turn = new(1);
    readonly HashSet<string> _held = new(StringComparer.Ordinal);
    NpgsqlConnection? _connection;
    string _name = "";
    long _opened;

    /// <summary>Takes a work, if nobody has it, in this program or another.</summary>
    /// <returns>The connection that it stands and falls with, for <see cref="StandsAsync"/>; null where somebody has it.</returns>
    /// <exception cref="DbException">The server cannot be reached.</exception>
    public Task<long?> TryTakeAsync(string work, CancellationToken cancellation) => UseAsync<long?>(
        async connection =>
        {
            // The server would give a session its own lock again.
            if (!_held.Contains(work) && await AskAsync(connection, "SELECT pg_try_advisory_lock(hashtextextended($1, 720261201))", work,
                cancellation) is true)
            {
                _held.Add(work);
                return _opened;
            }

            return null;
        },
        cancellation);

    /// <summary>Gives a work back, if the connection that it was taken with still stands.</summary>
    public async Task GiveBackAsync(string work, long taken)
    {
        if (taken != Volatile.Read(ref _opened))
        {
            // With the connection everything went back.
            return;
        }

        try
        {
            await UseAsync(
                async connection => taken == _opened && _held.Remove(work)
                    && await AskAsync(connection, "SELECT pg_advisory_unlock(hashtextextended($1, 720261201))", work, default) is true,
                CancellationToken.None);
        }
        catch (Exception e) when (IsLost(e))
        {
            // As well.
        }
    }

    /// <summary>Whether the connection with which something was taken still stands.</summary>
    public async Task<bool> StandsAsync(long taken, CancellationToken cancellation)
    {
        try
        {
            // Others may be asking it before this one, and that time counts too.
            return taken == Volatile.Read(ref _opened) && await UseAsync(
                async connection => taken == _opened && await AskAsync(connection, "SELECT true", null, cancellation) is true,
                cancellation).WaitAsync(TimeSpan.FromSeconds(Patience), cancellation);
        }
        catch (Exception e) when (IsLost(e))
        {
            return false;
        }
    }

    /// <summary>What the server shows others of this program (pg_stat_activity); at most 63 bytes.</summary>
    public Task ShowAsync(string name, CancellationToken cancellation)
    {
        _name = name;
        return UseAsync(connection => AskAsync(connection, Naming, name, cancellation), cancellation);
    }

    /// <summary>What the programs on this database show of themselves, and since when.</summary>
    /// <param name="prefix">Of their names.</param>
    public static async Task<IReadOnlyList<(string Name, DateTimeOffset Since)>> ShownAsync(
        CovidCxrDbContext db, string prefix, CancellationToken cancellation)
    {
        var rows = await db.Database.SqlQuery<Shown>(
            $"""
            SELECT application_name AS "Name", backend_start AS "Since" FROM pg_stat_activity
            WHERE datname = current_database() AND starts_with(application_name, {prefix})
            """).ToListAsync(cancellation);
        return [.. rows.Select(r => (r.Name, new DateTimeOffset(DateTime.SpecifyKind(r.Since, DateTimeKind.Utc))))];
    }

    public async ValueTask DisposeAsync()
    {
        // Not the semaphore: a service that is late may still wait for it.
        await CloseAsync();
    }

    sealed record Shown(string Name, DateTime Since);

    /// <summary>Whether it says that the server cannot be reached.</summary>
    public static bool IsLost(Exception e) =>
        e is DbException or InvalidOperationException or TimeoutException or IOException or SocketException;

    async Task<T> UseAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            return await work(await OpenAsync(cancellation));
        }
        catch
        {
            // Half an answer may be on the way: nothing else is asked of it.
            await CloseAsync();
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellation)
    {
        if (_connection is { State: ConnectionState.Open } open)
        {
            return open;
        }

        await CloseAsync();
        _connection = await OwnAsync(contexts, cancellation);
        if (await AskAsync(_connection, "SELECT pg_backend_pid()", null, cancellation) is not int server || server != _connection.ProcessID)
        {
            throw new InvalidOperationException("A pooler stands between this program and PostgreSQL, and lends its sessions to several.");
        }

        await using (var command = new NpgsqlCommand(Keepalive, _connection))
        {
            await command.ExecuteNonQueryAsync(cancellation);
        }

        if (_name.Length > 0)
        {
            await AskAsync(_connection, Naming, _name, cancellation);
        }

        return _connection;
    }

    /// <summary>A session outside of the pool.</summary>
    internal static async Task<NpgsqlConnection> OwnAsync(
        IDbContextFactory<CovidCxrDbContext> contexts, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(db.Database.GetConnectionString())
        {
            Pooling = false,
            KeepAlive = Patience,
            CommandTimeout = Patience,
            Timeout = Patience,
            // A server that does not answer is not asked to stop answering.
            CancellationTimeout = -1,
        }.ToString());
        try
        {
            await connection.OpenAsync(cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    async Task CloseAsync()
    {
        if (_connection is { } closing)
        {
            _connection = null;
            // Whoever took something with it finds out without asking the server.
            Interlocked.Increment(ref _opened);
            _held.Clear();
            await closing.DisposeAsync();
        }
    }

    static async Task<object?> AskAsync(NpgsqlConnection connection, string sql, string? word, CancellationToken cancellation)
    {
#pragma warning disable CA2100 // Statements of this class.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        if (word is not null)
        {
            command.Parameters.Add(new() { Value = word });
        }

        return await command.ExecuteScalarAsync(cancellation);
    }
}
