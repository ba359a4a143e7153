using CovidCxr.Storage.Backups;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Platform.Backups;

/// <summary>`move-to-postgresql`: the program with its new configuration, which takes the rows along and ends.</summary>
public static class MoveCommand
{
    public static bool IsOne(string[] args) => args is ["move-to-postgresql", ..];

    /// <returns>0 where it was done, 1 where it could not be.</returns>
    public static async Task<int> RunAsync(IServiceProvider services, TextWriter output)
    {
        try
        {
            var moved = await services.GetRequiredService<MoveToPostgreSql>().RunAsync(CancellationToken.None);
            foreach (var table in moved)
            {
                await output.WriteLineAsync($"{table.Name,-24} {table.Rows,10} rows  {table.Hash[..16]}");
            }

            await output.WriteLineAsync(
                $"{moved.Sum(t => t.Rows)} rows of {moved.Count} tables are in PostgreSQL, each table with the same hash as in SQLite. "
                    + "The SQLite file is as it was: put it away once the program runs.");
            return 0;
        }
        catch (MoveException e)
        {
            await output.WriteLineAsync(e.Message);
            return 1;
        }
    }
}
