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

/// <summary>A change of the department's policy; the newest is in force, and without any it is blinded first.</summary>
public sealed class ReadingPolicyChange
{
    public long Id { get; init; }

    public ReadingPolicy Policy { get; init; }

    /// <summary>Decides the days where they are randomised; the same seed gives the same days.</summary>
    public int Seed { get; init; }

    public Guid ChangedBy { get; init; }

    public required string ChangedByName { get; init; }

    public DateTimeOffset ChangedAt { get; init; }

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
