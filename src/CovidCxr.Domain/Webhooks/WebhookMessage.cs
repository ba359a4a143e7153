namespace CovidCxr.Domain.Webhooks;

public enum WebhookState
{
    /// <summary>It is sent when its turn comes, again and again until it is settled.</summary>
    Waiting,

    /// <summary>The address answered with 2xx.</summary>
    Delivered,

    /// <summary>Given up; a person may try again.</summary>
    Failed,

    /// <summary>A person stopped it, or its address was switched off.</summary>
    Cancelled,
}

/// <summary>One event that one address is told of. It says which study, and nothing of it.</summary>
public sealed class WebhookMessage
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The address's name in the configuration.</summary>
    public required string Address { get; init; }

    /// <summary>The event's name, such as study.read.</summary>
    public required string Event { get; init; }

    /// <summary>Null where the event is of several studies.</summary>
    public Guid? StudyId { get; init; }

    /// <summary>When it happened.</summary>
    public DateTimeOffset At { get; init; }

    public WebhookState State { get; set; }

    public int Attempts { get; set; }

    /// <summary>Not to be sent before.</summary>
    public DateTimeOffset NotBefore { get; set; }

    /// <summary>Why it waits or was given up, in words.</summary>
    public string? Reason { get; set; }

    public DateTimeOffset? SettledAt { get; set; }
}

/// <summary>How far an address was told, as far as the configuration does not say it.</summary>
public sealed class WebhookAddress
{
    public required string Name { get; init; }

    /// <summary>Entries of the audit trail up to here were looked at. A new address begins with the next one: it is not flooded.</summary>
    public long LastAuditId { get; set; }

    /// <summary>A person stopped it: messages wait.</summary>
    public bool IsStopped { get; set; }
}
