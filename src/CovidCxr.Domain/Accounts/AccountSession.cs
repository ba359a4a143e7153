namespace CovidCxr.Domain.Accounts;

/// <summary>A sign-in and what became of it.</summary>
public sealed class AccountSession
{
    public const int MaxFromLength = 64, MaxBrowserLength = 200, MaxIssuerLength = 256, MaxProviderSessionLength = 256, PasskeyLength = 64;

    /// <summary>Stands in the cookie as well.</summary>
    public Guid Id { get; init; }

    public Guid AccountId { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    /// <summary>The last request or action, to a few seconds.</summary>
    public DateTimeOffset LastUsedAt { get; set; }

    /// <summary>Null while nobody has ended it; an idle or too long one is over all the same.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>The address that the sign-in came from.</summary>
    public string From { get; init; } = "";

    /// <summary>As the browser calls itself.</summary>
    public string Browser { get; init; } = "";

    /// <summary>The identity provider that vouched for the person; null after a password or a passkey.</summary>
    public string? Issuer { get; init; }

    /// <summary>What the provider calls its own session, by which it may end this one; null where it names none.</summary>
    public string? ProviderSession { get; init; }

    /// <summary>SHA-256 of the name of the passkey that opened it, in hexadecimal digits; null after anything else.</summary>
    public string? Passkey { get; init; }
}
