using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure;

namespace CovidCxr.Storage;

static class PostgreSqlRegistration
{
    // As long as SQLite's patience, and shorter than a command's own time. Whoever holds the turn of the writers and is silent for a minute
    // has hung, and would hold up everybody.
    const string Patience = "-c lock_timeout=25s -c idle_in_transaction_session_timeout=60s";

    public static DbContextOptionsBuilder ConfigurePostgreSql(DbContextOptionsBuilder options, string connectionString) =>
        options.UseNpgsql(
            Connection(connectionString).ToString(),
            // As with SQLite: what fails says so by the database's own exception, and whoever asked decides.
            npgsql => npgsql.ExecutionStrategy(dependencies => new NonRetryingExecutionStrategy(dependencies)))
            .AddInterceptors(new OneWriter())
            .ReplaceService<IQuerySqlGeneratorFactory, NullsFirstSql>();

    public static bool IsMeant(DbContextOptions options) => options.Extensions.OfType<RelationalOptionsExtension>()
        .Any(e => e.GetType().Assembly == typeof(NpgsqlDbContextOptionsBuilder).Assembly);

    /// <exception cref="ArgumentException">It is none. The message may hold the password.</exception>
    public static NpgsqlConnectionStringBuilder Connection(string words)
    {
        var connection = new NpgsqlConnectionStringBuilder(words);
        // Of two settings of one name the last counts.
        connection.Options = $"{Patience} {connection.Options}".TrimEnd();
        connection.ApplicationName ??= "CovidCxr";
        // The server's details of an error quote rows, that is patients.
        connection.IncludeErrorDetail = false;
        return connection;
    }
}
