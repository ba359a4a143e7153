using System.Security.Cryptography;
using CovidCxr.Storage;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Nodes;

/// <summary>This program among those on its database.</summary>
public sealed class ThisNode(IOptions<NodeOptions> options, IOptions<StorageOptions> storage)
{
    /// <summary>Another at each start.</summary>
    public string Id { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));

    public string Name { get; } = options.Value.Name is { Length: > 0 } name ? name : OfMachine();

    public NodeRoles Roles => options.Value.Roles;

    /// <summary>Whether there may be others: SQLite has one program.</summary>
    public bool MayHaveOthers => storage.Value.Provider == StorageProvider.PostgreSql;

    /// <summary>The number of the model's version that answers here; null for none.</summary>
    public int? Serves { get; set; }

    /// <summary>Whether another version is active than the one that it has loaded: it answers no film until it has that one.</summary>
    public bool IsBehind { get; set; }

    /// <summary>Whether it is about to stop, and takes nothing new.</summary>
    public bool IsDraining { get; set; }

    public bool Is(NodeRoles role) => Roles.HasFlag(role);

    static string OfMachine()
    {
        var machine = string.Concat(Environment.MachineName.Where(c => NodeOptions.Names.IsMatch($"{c}")));
        return machine.Length <= NodeOptions.MaxName ? machine : machine[..NodeOptions.MaxName];
    }
}
