using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CovidCxr.Storage.Nodes;

/// <summary>
/// Short words that programs on one database of PostgreSQL tell each other (NOTIFY). Whoever is not connected misses them, so each must
/// only say that there is something to look up.
/// </summary>
public static class NodeWords
{
    const string Channel = "covidcxr";

    /// <summary>Hears until it is cancelled.</summary>
    /// <param name="connected">Called each time before anything is heard: what was said before was missed.</param>
    /// <exception cref="System.Data.Common.DbException">The connection is lost.</exception>
    public static async Task HearAsync(
        IDbContextFactory<CovidCxrDbContext> contexts, Action connected, Action<string> heard, CancellationToken cancellation)
    {
        await using var connection = await NodeConnection.OwnAsync(contexts, cancellation);
        connection.Notification += (_, word) => heard(word.Payload);
        await using (var command = new NpgsqlCommand($"LISTEN {Channel}", connection))
        {
            await command.ExecuteNonQueryAsync(cancellation);
        }

        connected();
        while (true)
        {
            await connection.WaitAsync(cancellation);
        }
    }

    /// <summary>Tells all of them, this program too. Each word is short: 8000 bytes are the server's limit.</summary>
    public static async Task TellAsync(
        IDbContextFactory<CovidCxrDbContext> contexts, IReadOnlyCollection<string> words, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var said = words.ToArray();
        await db.Database.ExecuteSqlAsync($"SELECT pg_notify({Channel}, word) FROM unnest({said}) AS word", cancellation);
    }
}
