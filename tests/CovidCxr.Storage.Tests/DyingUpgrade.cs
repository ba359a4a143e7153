using System.Data.Common;
using System.Diagnostics;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace CovidCxr.Storage.Tests;

/// <summary>An upgrade of a folder's database in a process of its own, which kills itself (SIGKILL) at a chosen moment.</summary>
static class DyingUpgrade
{
    public const string Argument = "upgrade";

    public static DatabaseSchema Schema(DataFolder folder, Moments moments) =>
        new(new Contexts(folder, moments), folder, TimeProvider.System);

    /// <param name="moment">From 1; one that never comes lets the upgrade end.</param>
    public static async Task<int> RunAsync(string folder, int moment)
    {
        await Schema(new(folder), new(moment)).UpdateAsync(CancellationToken.None);
        return 0;
    }

    /// <summary>Starts it and waits for its end.</summary>
    /// <param name="latest">After it the process is killed from outside, wherever it is; null to wait.</param>
    public static async Task StartAsync(string folder, int moment, TimeSpan? latest, CancellationToken cancellation)
    {
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", [typeof(DyingUpgrade).Assembly.Location, Argument, folder, $"{moment}"]))!;
        if (latest is { } wait)
        {
            await Task.Delay(wait, cancellation);
            process.Kill();
        }

        await process.WaitForExitAsync(cancellation);
    }

    /// <summary>Counts what is about to be sent to the database, and what was: every command and every commit is two moments.</summary>
    /// <param name="last">At it the process ends, as by kill -9; 0 for never.</param>
    public sealed class Moments(int last) : DbCommandInterceptor, IDbTransactionInterceptor
    {
        public int Count { get; private set; }

        void Pass()
        {
            if (++Count == last)
            {
                Process.GetCurrentProcess().Kill();
            }
        }

        public override InterceptionResult<int> NonQueryExecuting(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result)
        {
            Pass();
            return result;
        }

        public override int NonQueryExecuted(DbCommand command, CommandExecutedEventData eventData, int result)
        {
            Pass();
            return result;
        }

        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            Pass();
            return new(result);
        }

        public override ValueTask<int> NonQueryExecutedAsync(
            DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default)
        {
            Pass();
            return new(result);
        }

        public ValueTask<InterceptionResult> TransactionCommittingAsync(
            DbTransaction transaction, TransactionEventData eventData, InterceptionResult result,
            CancellationToken cancellationToken = default)
        {
            Pass();
            return new(result);
        }

        public Task TransactionCommittedAsync(
            DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            Pass();
            return Task.CompletedTask;
        }
    }

    sealed class Contexts(DataFolder folder, Moments moments) : IDbContextFactory<CovidCxrDbContext>
    {
        public CovidCxrDbContext CreateDbContext()
        {
            var options = new DbContextOptionsBuilder<CovidCxrDbContext>();
            StorageRegistration.Configure(options, folder.Database).AddInterceptors(moments);
            return new(options.Options);
        }
    }
}
