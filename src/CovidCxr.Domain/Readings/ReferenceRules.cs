namespace CovidCxr.Domain.Readings;

/// <summary>Which sources count as the truth of a study.</summary>
public enum ReferencePolicy
{
    /// <summary>Any source; where two contradict each other the study has no truth.</summary>
    AnyAgreeing,
    RtPcr,
    Consensus,
    FollowUp,
}

public enum ReferenceState
{
    Missing,
    Positive,
    Negative,
    Indeterminate,

    /// <summary>One source says positive, another negative.</summary>
    Contradictory,
}

/// <summary>What the findings of a study together say.</summary>
public static class ReferenceRules
{
    /// <param name="rtPcr">The finding that nothing supersedes; null where there is none. The others likewise.</param>
    public static ReferenceState Settle(
        ReferencePolicy policy, ReferenceResult? rtPcr, ReferenceResult? consensus, ReferenceResult? followUp)
    {
        ReadOnlySpan<ReferenceResult?> counted = policy switch
        {
            ReferencePolicy.RtPcr => [rtPcr],
            ReferencePolicy.Consensus => [consensus],
            ReferencePolicy.FollowUp => [followUp],
            _ => [rtPcr, consensus, followUp],
        };
        return (
            counted.Contains(ReferenceResult.Positive), counted.Contains(ReferenceResult.Negative),
            counted.Contains(ReferenceResult.Indeterminate)) switch
        {
            (true, true, _) => ReferenceState.Contradictory,
            (true, _, _) => ReferenceState.Positive,
            (_, true, _) => ReferenceState.Negative,
            (_, _, true) => ReferenceState.Indeterminate,
            _ => ReferenceState.Missing,
        };
    }

    /// <summary>What all findings of a study together say, whatever their source.</summary>
    /// <param name="findings">Those that nothing supersedes; what is named twice is the same finding.</param>
    public static ReferenceState SettleAll(IReadOnlyCollection<(ReferenceSource Source, ReferenceResult Result)> findings)
    {
        ReferenceResult? Of(ReferenceSource source) =>
            findings.Where(f => f.Source == source).Select(f => (ReferenceResult?)f.Result).FirstOrDefault();
        return Settle(ReferencePolicy.AnyAgreeing, Of(ReferenceSource.RtPcr), Of(ReferenceSource.Consensus), Of(ReferenceSource.FollowUp));
    }

    /// <summary>Why a finding of this day cannot stand; null where it can.</summary>
    public static string? Refusal(DateOnly foundOn, DateOnly today) =>
        foundOn > today
            ? "The date of the finding lies in the future."
            : foundOn.Year < ReadDisease.FirstYear
            ? $"The date of the finding lies before {ReadDisease.Name} was known."
            : null;
}
