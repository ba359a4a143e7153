using System.Data;
using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace CovidCxr.Storage;

/// <summary>
/// One writer at a time, as SQLite has it, over all programs on the database: whoever looks and then writes in one transaction finds
/// nothing changed in between. A transaction takes its turn when it begins, a statement outside of any with itself; the server takes the
/// turn back at the end of the transaction or of the connection. A transaction that asks for a snapshot only reads, and waits for nobody.
/// </summary>
sealed class OneWriter : IDbTransactionInterceptor, IDbCommandInterceptor
{
    // Any number, so long as no other program on this database takes it.
    const string Turn = "SELECT pg_advisory_xact_lock(720261130)";

    static readonly string[] Changes = ["INSERT", "UPDATE", "DELETE"];

    public DbTransaction TransactionStarted(DbConnection connection, TransactionEndEventData eventData, DbTransaction result)
    {
        try
        {
            if (!OnlyReads(result))
            {
                using var command = Take(connection, result);
                command.ExecuteNonQuery();
            }
        }
        catch
        {
            // Nobody has it yet who would end it.
            result.Dispose();
            throw;
        }

        return result;
    }

    public async ValueTask<DbTransaction> TransactionStartedAsync(
        DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default)
    {
        try
        {
            if (!OnlyReads(result))
            {
                await using var command = Take(connection, result);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
        }
        catch
        {
            await result.DisposeAsync();
            throw;
        }

        return result;
    }

    public InterceptionResult<int> NonQueryExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<int> result)
    {
        TakeWith(command);
        return result;
    }

    public ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        TakeWith(command);
        return ValueTask.FromResult(result);
    }

    static bool OnlyReads(DbTransaction transaction) => transaction.IsolationLevel is IsolationLevel.RepeatableRead;

    static DbCommand Take(DbConnection connection, DbTransaction transaction)
    {
        var command = connection.CreateCommand();
        (command.Transaction, command.CommandText) = (transaction, Turn);
        return command;
    }

    // Statements that are sent together are one transaction, and each sees what was committed before it began.
    static void TakeWith(DbCommand command)
    {
        if (command.Transaction is null && IsChange(command.CommandText))
        {
            command.CommandText = $"{Turn};\n{command.CommandText}";
        }
    }

    static bool IsChange(string sql) =>
        Changes.Any(verb => sql.AsSpan().TrimStart().StartsWith(verb, StringComparison.OrdinalIgnoreCase));
}
