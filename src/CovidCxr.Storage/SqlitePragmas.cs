using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace CovidCxr.Storage;

/// <summary>Readers beside one writer, every commit on the disk, patience where another writes.</summary>
sealed class SqlitePragmas : DbConnectionInterceptor
{
    const string Pragmas = "PRAGMA busy_timeout = 30000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";

    // Kept in the file. A file without it (a copy that VACUUM INTO made, an empty one of a start that was killed) gets it at the first
    // opening for writing; EF Core looks whether a database exists through a connection that cannot.
    const string WriteAheadLog = "PRAGMA journal_mode = WAL;";

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = IsReadOnly(connection) ? Pragmas : Pragmas + WriteAheadLog;
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(
        DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = IsReadOnly(connection) ? Pragmas : Pragmas + WriteAheadLog;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    static bool IsReadOnly(DbConnection connection) =>
        new SqliteConnectionStringBuilder(connection.ConnectionString).Mode == SqliteOpenMode.ReadOnly;
}
