namespace CovidCxr.Platform.Accounts;

/// <summary>What an identity provider says of a person, in a token that was looked at and found right.</summary>
/// <param name="Subject">Who it is, for ever, to this provider; a name or an address of mail is no such thing.</param>
/// <param name="Session">The provider's own session.</param>
/// <param name="Name">What a new account would be called.</param>
/// <param name="HasSecondFactor">Whether the provider says so in the way that the options name.</param>
/// <param name="IdToken">Kept in the cookie for the sign-out.</param>
/// <param name="SignedInAt">When the person last showed the provider who they are; null where it does not say.</param>
public sealed record ProviderIdentity(
    ProviderOptions Provider, string Subject, string? Session, string? Name, IReadOnlyList<string> Groups, bool HasSecondFactor,
    string? IdToken, DateTimeOffset? SignedInAt)
{
    /// <summary>By so much a provider's clock may differ from ours: those of a hospital are set by a server.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Whether the person showed the provider who they are after they were sent there, and not in the future; null where it does not say.
    /// </summary>
    public bool? HasSignedInSince(DateTimeOffset asked, DateTimeOffset now) =>
        SignedInAt is { } at ? at >= asked - ClockSkew && at <= now + ClockSkew : null;

    /// <summary>The roles of the groups; null where the provider does not tell roles.</summary>
    internal IReadOnlyList<string>? Roles => Provider.Roles.Count == 0
        ? null
        : [.. Provider.Roles.Where(r => Groups.Contains(r.Group)).Select(r => r.Role).Distinct()];
}

/// <summary>Why nobody was signed in by a provider.</summary>
public enum ProviderRefusal
{
    /// <summary>The provider does not answer.</summary>
    Unreachable,

    /// <summary>The person turned back at the provider.</summary>
    Cancelled,

    /// <summary>Its answer was not right: whatever was wrong with it, the person is told no more.</summary>
    Failed,

    /// <summary>No account here belongs to this person of the provider's.</summary>
    NotLinked,

    /// <summary>None of the groups has a role here.</summary>
    NoRole,

    Disabled,

    /// <summary>The person of the provider's belongs to another account, or the account to another person.</summary>
    Taken,

    /// <summary>Another session than the one that asked is open by now, or none, or something else was asked meanwhile.</summary>
    OtherSession,

    /// <summary>The provider knows the person of before and did not ask who is there now, or did not say so.</summary>
    NotAskedAgain,

    /// <summary>Somebody else than the one who is signed in here has signed in there.</summary>
    OtherPerson,
}
