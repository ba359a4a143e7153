namespace CovidCxr.Domain.Readings;

public enum ReadingPolicy
{
    /// <summary>The reader's own opinion is locked before the model is revealed.</summary>
    BlindedFirst,

    /// <summary>The model's answer is in sight from the start.</summary>
    Concurrent,

    /// <summary>
    /// One of the two for each day, by lot, so that the department can measure what seeing the model from the start changes.
    /// </summary>
    RandomisedByDay,
}

/// <summary>
/// A change of the department's policy. In force is the newest one that has begun, and without any it is blinded first; so a change that
/// has not begun gives way to one that is made after it and begins no later.
/// </summary>
public sealed class ReadingPolicyChange
{
    public const int MaxReasonLength = 300;

    /// <summary>How far ahead a change may be set down.</summary>
    public const int MostDaysAhead = 366;

    public long Id { get; init; }

    public ReadingPolicy Policy { get; init; }

    /// <summary>Decides the days where they are randomised; the same seed gives the same days.</summary>
    public int Seed { get; init; }

    public Guid ChangedBy { get; init; }

    public required string ChangedByName { get; init; }

    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>Null for a change of before reasons were asked for.</summary>
    public string? Reason { get; init; }

    /// <summary>The day from which it holds, in UTC; null for a change of before days were asked for.</summary>
    public DateOnly? HoldsFrom { get; init; }

    /// <summary>On the day itself at once, later at its first moment.</summary>
    public DateTimeOffset Begins =>
        HoldsFrom is { } day && day > DateOnly.FromDateTime(ChangedAt.UtcDateTime)
            ? new(day, TimeOnly.MinValue, TimeSpan.Zero)
            : ChangedAt;

    /// <param name="changes">In the order in which they were made.</param>
    /// <returns>Null where none has begun: blinded first.</returns>
    public static ReadingPolicyChange? InForce(IReadOnlyList<ReadingPolicyChange> changes, DateTimeOffset at) =>
        changes.LastOrDefault(c => c.Begins <= at);

    /// <returns>Those that no other one replaced before they began, in the order in which they were made.</returns>
    public static IReadOnlyList<ReadingPolicyChange> Standing(IReadOnlyList<ReadingPolicyChange> changes) =>
        [.. changes.Where(c => InForce(changes, c.Begins) == c)];

    /// <returns>Why a change cannot be made so; null where it can.</returns>
    public static string? Refusal(string? reason, DateOnly holdsFrom, DateOnly today) =>
        string.IsNullOrWhiteSpace(reason) ? "Say why the policy changes: who compares figures later has to know."
        : reason.Trim().Length > MaxReasonLength ? $"The reason must have at most {MaxReasonLength} characters."
        : holdsFrom < today ? "The day must not lie in the past: what was read then was read under the old policy. Days are those of UTC."
        : holdsFrom > today.AddDays(MostDaysAhead) ? $"The day must lie within the next {MostDaysAhead} days."
        : null;

    /// <summary>What this change means on a day: blinded first or concurrent.</summary>
    public ReadingPolicy On(DateOnly day) =>
        Policy != ReadingPolicy.RandomisedByDay
            ? Policy
            : IsHeads(Seed, day.DayNumber)
            ? ReadingPolicy.BlindedFirst
            : ReadingPolicy.Concurrent;

    // SplitMix64 (Steele, Lea and Flood 2014): neighbouring days are as independent as any others.
    static bool IsHeads(int seed, int day)
    {
        var z = ((ulong)(uint)seed << 32 | (uint)day) + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) & 1) == 0;
    }
}
