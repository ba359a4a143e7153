namespace CovidCxr.Domain.Accounts;

/// <summary>A sign-in and what became of it.</summary>
public sealed class AccountSession
{
    public const int MaxFromLength = 64, MaxBrowserLength = 200;

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
}
