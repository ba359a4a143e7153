using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace CovidCxr.Testing;

/// <summary>A disk that may be full: then the database is read, and takes no row.</summary>
public sealed class FullDisk : DbCommandInterceptor
{
    public bool IsFull { get; set; }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Refuse(command);
        return ValueTask.FromResult(result);
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result,
        CancellationToken cancellationToken = default)
    {
        Refuse(command);
        return ValueTask.FromResult(result);
    }

    void Refuse(DbCommand command)
    {
        if (IsFull && !command.CommandText.StartsWith("SELECT", StringComparison.Ordinal))
        {
            throw new SqliteException("database or disk is full", 13);
        }
    }
}
