namespace CovidCxr.Domain.Readings;

/// <summary>What the blinded readers of an adjudication together say.</summary>
public static class ConsensusRules
{
    /// <summary>Fewer readers than this make no consensus: the lead decides.</summary>
    public const int FewestReaders = 2;

    /// <summary>At most so many are asked.</summary>
    public const int MostReaders = 2;

    /// <summary>Null as long as somebody has not read, where they differ or are indeterminate, or where there is one alone.</summary>
    /// <param name="opinions">One for each who was asked, before the model; null where not read yet.</param>
    public static ReferenceResult? Of(IReadOnlyCollection<Opinion?> opinions)
    {
        if (opinions.Count < FewestReaders || opinions.Any(o => o is null or Opinion.Indeterminate))
        {
            return null;
        }

        return opinions.Select(o => o == Opinion.Covid19).Distinct().ToList() is [var isPositive]
            ? isPositive
            ? ReferenceResult.Positive
            : ReferenceResult.Negative
            : null;
    }
}
