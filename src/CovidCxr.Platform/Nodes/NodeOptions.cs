using System.Text.RegularExpressions;
using CovidCxr.Platform.Configuration;
using CovidCxr.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Nodes;

/// <summary>What a program does of the installation's work.</summary>
[Flags]
public enum NodeRoles
{
    /// <summary>Shows the pages and takes uploads and requests of other programs.</summary>
    Web = 1,

    /// <summary>Reads films, makes data sets, speaks with the hospital and looks after the installation.</summary>
    Worker = 2,

    /// <summary>Trains and evaluates.</summary>
    Trainer = 4,

    /// <summary>All of it.</summary>
    All = Web | Worker | Trainer,
}

/// <summary>One of several programs on one database.</summary>
public sealed partial class NodeOptions
{
    public const string Section = "Node";

    public const int MaxName = 20;

    /// <summary>
    /// What the System page calls it; empty (default): the machine's name. Letters, digits, dots and hyphens, 20 at most.
    /// </summary>
    public string Name { get; set; } = "";

    /// <summary>One or more of Web, Worker and Trainer, separated by commas; all of them by default.</summary>
    public NodeRoles Roles { get; set; } = NodeRoles.All;

    /// <summary>
    /// How long it says that it is not ready before it stops, so that a proxy sends nobody any more; 0 (default) to 60 seconds.
    /// </summary>
    public TimeSpan Drain { get; set; } = TimeSpan.Zero;

    /// <summary>The roles, before the configuration is checked: what cannot be read is all of them, and the check names it.</summary>
    public static NodeRoles RolesOf(IConfiguration configuration) =>
        Enum.TryParse<NodeRoles>(configuration[$"{Section}:{nameof(Roles)}"], ignoreCase: true, out var roles) ? roles : NodeRoles.All;

    [GeneratedRegex("^[A-Za-z0-9.-]{0,20}$")]
    internal static partial Regex Names { get; }
}

public sealed class NodeOptionsValidator : IValidateOptions<NodeOptions>
{
    public ValidateOptionsResult Validate(string? name, NodeOptions options) => OptionRules.Result(
        (NodeOptions.Names.IsMatch(options.Name), $"Node:Name must be letters, digits, dots and hyphens, {NodeOptions.MaxName} at most."),
        (options.Roles is > 0 and <= NodeRoles.All, "Node:Roles must be one or more of Web, Worker and Trainer, separated by commas."),
        (options.Drain >= TimeSpan.Zero && options.Drain <= TimeSpan.FromMinutes(1), "Node:Drain must be 00:00:00 to 00:01:00."));
}

/// <summary>What is left out somebody else has to do, and on SQLite there is nobody else.</summary>
sealed class NodeRolesOnSqlite(IConfiguration configuration) : IValidateOptions<NodeOptions>
{
    public ValidateOptionsResult Validate(string? name, NodeOptions options) => OptionRules.Result(
        (options.Roles == NodeRoles.All || IsShared,
            "Node:Roles must be all three where Storage:Provider is Sqlite: no other program would do the rest."));

    // By its text: what is wrong with that section is said by its own rules.
    bool IsShared => string.Equals(
        configuration[$"{StorageOptions.Section}:{nameof(StorageOptions.Provider)}"], nameof(StorageProvider.PostgreSql),
        StringComparison.OrdinalIgnoreCase);
}
