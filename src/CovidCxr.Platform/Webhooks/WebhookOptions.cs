using System.Text.RegularExpressions;
using CovidCxr.Platform.Configuration;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Webhooks;

/// <summary>
/// Other programs that are told of events. They are named in the configuration and not on a page: an account alone shall not be able to let
/// this program call into the network that it stands in.
/// </summary>
public sealed class WebhookOptions
{
    public const string Section = "Webhooks";

    /// <summary>Who is told; nobody by default.</summary>
    public IReadOnlyList<WebhookAddressOptions> Addresses { get; set; } = [];
}

/// <summary>An address that gets a signed POST for each event.</summary>
public sealed partial class WebhookAddressOptions
{
    /// <summary>What people here call it; 1 to 64 letters, digits, blanks, dots, hyphens and underscores, each once.</summary>
    public string Name { get; set; } = "";

    /// <summary>Where messages go: https, or http on this machine.</summary>
    public string Address { get; set; } = "";

    /// <summary>
    /// The file of the secret that messages are signed with, whsec_ and base64 of 24 to 64 bytes. With several, one a line, each message is
    /// signed by each: so the receiver can go from one to the next. It is read at each attempt.
    /// </summary>
    public string SecretFile { get; set; } = "";

    /// <summary>Which events, by name; all of them by default.</summary>
    public IReadOnlyList<string> Events { get; set; } = [];

    /// <summary>Whether anything is sent there; off by default.</summary>
    public bool Send { get; set; }

    /// <summary>Host and port: what is behind them may be a secret.</summary>
    public string Host => Uri.TryCreate(Address, UriKind.Absolute, out var uri) ? uri.Authority : "";

    internal bool Wants(string name) => Events.Count == 0 || Events.Contains(name);

    /// <returns>Null where the file holds none, or what is none.</returns>
    internal IReadOnlyList<byte[]>? ReadSecrets()
    {
        try
        {
            var secrets = File.ReadAllLines(SecretFile).Select(l => l.Trim()).Where(l => l.Length > 0)
                .Select(WebhookSignature.ReadSecret).ToList();
            return secrets.Count > 0 && secrets.TrueForAll(s => s is not null) ? [.. secrets.OfType<byte[]>()] : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    internal bool IsSafe => Uri.TryCreate(Address, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
        && uri is { UserInfo: "", Fragment: "" }
        && !Address.Any(char.IsWhiteSpace);

    [GeneratedRegex(@"^[A-Za-z0-9_.-]([A-Za-z0-9 _.-]{0,62}[A-Za-z0-9_.-])?\z")]
    internal static partial Regex NameWords();
}

public sealed class WebhookOptionsValidator : IValidateOptions<WebhookOptions>
{
    public ValidateOptionsResult Validate(string? name, WebhookOptions options) => OptionRules.Result(
        (
            options.Addresses.All(a => WebhookAddressOptions.NameWords().IsMatch(a.Name))
                && options.Addresses.DistinctBy(a => a.Name).Count() == options.Addresses.Count,
            "Webhooks:Addresses:Name must be 1 to 64 letters, digits, blanks, dots, hyphens or underscores, and each another."),
        (
            options.Addresses.All(a => a.IsSafe),
            "Webhooks:Addresses:Address must be an https address without blanks, a user or fragment in it; http on this machine alone."),
        (
            options.Addresses.SelectMany(a => a.Events).All(WebhookEvents.IsOne),
            $"Webhooks:Addresses:Events must be of {string.Join(", ", WebhookEvents.All.Select(e => e.Name))}."),
        (
            options.Addresses.All(a => !a.Send || a.ReadSecrets() is not null),
            "Webhooks:Addresses:SecretFile must be a file that can be read, with whsec_ and base64 of 24 to 64 bytes on each line."));
}
