namespace CovidCxr.Domain.Accounts;

/// <summary>What an API client may do, each by its name in the interface.</summary>
public static class ApiScope
{
    public const string ReadStudies = "studies:read", WriteStudies = "studies:write", ReadPredictions = "predictions:read",
        ReadReadings = "readings:read", WriteReferences = "references:write", ReadModels = "models:read";

    public static IReadOnlyList<string> All { get; } =
        [ReadStudies, WriteStudies, ReadPredictions, ReadReadings, WriteReferences, ReadModels];
}

/// <summary>Another program that uses the API by a key. The key itself is kept nowhere.</summary>
public sealed class ApiClient
{
    public const int MaxName = 64;

    public Guid Id { get; init; } = Guid.CreateVersion7();

    public required string Name { get; init; }

    /// <summary>The first part of the key, by which it is found; no secret.</summary>
    public required string Prefix { get; init; }

    /// <summary>SHA-256 of the whole key: it is as long as the hash, and drawn at random, so no slow hash is needed.</summary>
    public required byte[] KeyHash { get; init; }

    /// <summary>Of <see cref="ApiScope.All"/>.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    public required string CreatedByName { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; set; }

    /// <summary>To the minute.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    public bool IsUsableAt(DateTimeOffset now) => RevokedAt is null && now < ExpiresAt;
}

/// <summary>A film that an API client sent with a key of its own, so that the same request sent again is answered alike.</summary>
public sealed class ApiSubmission
{
    public const int MaxKey = 128;

    public Guid ClientId { get; init; }

    /// <summary>As the client chose it.</summary>
    public required string Key { get; init; }

    /// <summary>SHA-256 of file and fields.</summary>
    public required byte[] RequestHash { get; init; }

    /// <summary>Empty while the film is being taken: the key is spoken for already.</summary>
    public Guid StudyId { get; init; }

    /// <summary>False for a film that was known already.</summary>
    public bool IsNew { get; init; }

    public DateTimeOffset At { get; init; }
}
