using System.Text.RegularExpressions;
using CovidCxr.Domain.Accounts;

namespace CovidCxr.Platform.Accounts;

/// <summary>An identity provider (OpenID Connect) that vouches for people.</summary>
public sealed partial class ProviderOptions
{
    /// <summary>Its part of the callback address; 1 to 32 lower-case letters, digits and hyphens, each once.</summary>
    public string Id { get; set; } = "";

    /// <summary>What people here call it; 1 to 64 characters.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its issuer, exactly as its tokens say it: an https address, or http on this machine alone.</summary>
    public string Authority { get; set; } = "";

    /// <summary>What it calls this program.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>What it knows this program by; from the environment rather than a file that many read.</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>The file that holds the secret alone, in place of <see cref="ClientSecret"/>.</summary>
    public string ClientSecretFile { get; set; } = "";

    /// <summary>What is asked for, separated by blanks; with openid. Some want one more to tell groups.</summary>
    public string Scope { get; set; } = "openid profile";

    /// <summary>The claim of the ID token that becomes the user name of a new account.</summary>
    public string NameClaim { get; set; } = "preferred_username";

    /// <summary>The claim of the ID token that lists a person's groups.</summary>
    public string GroupsClaim { get; set; } = "groups";

    /// <summary>Which group has which role. Empty: the provider says who somebody is, and the roles are given here.</summary>
    public IReadOnlyList<GroupRole> Roles { get; set; } = [];

    /// <summary>Whether somebody unknown with a role gets an account at the first sign-in; otherwise people link their own.</summary>
    public bool CreatesAccounts { get; set; }

    /// <summary>The claim by which the provider says how somebody signed in there: amr or acr.</summary>
    public string SecondFactorClaim { get; set; } = "amr";

    /// <summary>The values of it that count as two factors; none by default.</summary>
    public IReadOnlyList<string> SecondFactorValues { get; set; } = [];

    /// <summary>The authentication scheme.</summary>
    public string Scheme => "oidc-" + Id;

    /// <summary>The first half of what a person is known by for ever; with or without a slash at the end it is the same.</summary>
    public string Issuer => Authority.TrimEnd('/');

    /// <summary>The secret, from where it stands.</summary>
    public string ReadSecret() => ClientSecretFile.Length > 0 ? File.ReadAllText(ClientSecretFile).Trim() : ClientSecret;

    /// <summary>Whether this is an issuer's address that may be asked.</summary>
    public static bool IsSafe(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)) && uri.UserInfo.Length == 0;

    internal static IEnumerable<(bool IsRight, string Rule)> RulesOf(IReadOnlyList<ProviderOptions> providers) =>
    [
        (
            providers.All(p => IdWords().IsMatch(p.Id)) && providers.DistinctBy(p => p.Id).Count() == providers.Count,
            "Accounts:Providers:Id must be 1 to 32 lower-case letters, digits or hyphens, and each another."),
        (providers.All(p => p.Name.Trim().Length is > 0 and <= 64), "Accounts:Providers:Name must be 1 to 64 characters."),
        (
            providers.All(p => IsSafe(p.Authority) && p.Authority.Length <= AccountSession.MaxIssuerLength)
                && providers.DistinctBy(p => p.Issuer).Count() == providers.Count,
            "Accounts:Providers:Authority must be an https address, http on this machine alone, and each another."),
        (providers.All(p => p.ClientId.Length > 0), "Accounts:Providers:ClientId must be given."),
        (
            providers.All(p => p.ClientSecret.Length > 0 != p.ClientSecretFile.Length > 0),
            "Accounts:Providers needs either ClientSecret or ClientSecretFile."),
        (
            providers.All(p => p.ClientSecretFile.Length == 0 || HasSecret(p)),
            "Accounts:Providers:ClientSecretFile must be a file that can be read and is not empty."),
        (providers.All(p => p.Scope.Split(' ').Contains("openid")), "Accounts:Providers:Scope must contain openid."),
        (
            providers.All(p => p.NameClaim.Length > 0 && p.GroupsClaim.Length > 0),
            "Accounts:Providers:NameClaim and GroupsClaim must be names of claims."),
        (
            providers.All(p => p.Roles.All(r => r.Group.Length > 0 && Role.All.Contains(r.Role))),
            $"Accounts:Providers:Roles must each have a Group and a Role of {string.Join(", ", Role.All)}."),
        (
            providers.All(p => !p.CreatesAccounts || p.Roles.Count > 0),
            "Accounts:Providers:CreatesAccounts needs Roles: who comes by it must be known by a group."),
        (providers.All(p => p.SecondFactorClaim is "amr" or "acr"), "Accounts:Providers:SecondFactorClaim must be amr or acr."),
    ];

    static bool HasSecret(ProviderOptions provider)
    {
        try
        {
            return provider.ReadSecret().Length > 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"^[a-z0-9-]{1,32}\z")]
    private static partial Regex IdWords();
}

/// <summary>A group of an identity provider and the role that its people have here.</summary>
public sealed class GroupRole
{
    /// <summary>As the provider's tokens name it.</summary>
    public string Group { get; set; } = "";

    /// <summary>Radiologist, DepartmentLead or Admin.</summary>
    public string Role { get; set; } = "";
}
