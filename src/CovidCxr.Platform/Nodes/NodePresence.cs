using System.Globalization;
using CovidCxr.Platform.Loops;
using CovidCxr.Storage;
using CovidCxr.Storage.Nodes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Platform.Nodes;

/// <param name="Build">Of the program; equal builds have equal ones.</param>
/// <param name="Serves">The number of the model's version that answers there; null for none.</param>
/// <param name="Since">Connected to the database.</param>
/// <param name="IsThis">The one that was asked.</param>
public sealed record NodeView(
    string Id, string Name, NodeRoles Roles, string Build, int? Serves, bool IsDraining, DateTimeOffset Since, bool IsThis);

/// <summary>Shows this program to the others by the name of its connection to the database, which goes with it.</summary>
public sealed class NodePresence(ThisNode node, NodeConnection connection, ILogger<NodePresence> logger) : BackgroundService
{
    const string Prefix = "CovidCxr node ";

    static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    static readonly string Build = $"{typeof(NodePresence).Module.ModuleVersionId:N}"[..8];

    /// <summary>The programs on the database by name; none on SQLite, where this is the only one.</summary>
    public static async Task<IReadOnlyList<NodeView>> ListAsync(CovidCxrDbContext db, ThisNode node, CancellationToken cancellation) =>
        !db.IsPostgreSql ? []
            : [.. (await NodeConnection.ShownAsync(db, Prefix, cancellation)).Select(s => Read(s.Name, s.Since, node)).OfType<NodeView>()
                .OrderBy(n => n.Name, StringComparer.Ordinal).ThenBy(n => n.Since)];

    /// <summary>Shows what is so now.</summary>
    public Task ShowAsync(CancellationToken cancellation) => connection.ShowAsync(Words(), cancellation);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (node.MayHaveOthers && !stoppingToken.IsCancellationRequested)
        {
            // It also keeps the connection, and with it what this program alone does.
            await GuardedLoop.TryAsync(ShowAsync, "The connection that shows this program to the others", Every, logger, stoppingToken);
            await GuardedLoop.PauseAsync(Every, stoppingToken);
        }
    }

    // The server cuts it after 63 bytes.
    string Words() =>
        $"{Prefix}{node.Id} {(int)node.Roles} {Build} {node.Serves?.ToString(CultureInfo.InvariantCulture) ?? "-"} "
            + $"{(node.IsDraining ? "d" : "-")} {node.Name}";

    static NodeView? Read(string words, DateTimeOffset since, ThisNode own) =>
        words[Prefix.Length..].Split(' ', 6) is [var id, var roles, var build, var serves, var draining, var name]
            && Enum.TryParse<NodeRoles>(roles, out var does)
            ? new(id, name, does, build, int.TryParse(serves, out var number) ? number : null, draining == "d", since, id == own.Id)
            : null;
}
