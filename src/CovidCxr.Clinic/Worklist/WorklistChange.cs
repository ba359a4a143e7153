namespace CovidCxr.Clinic.Worklist;

/// <param name="Changed">How many studies are otherwise now.</param>
/// <param name="Refusals">Why others were left as they were, a sentence each.</param>
public sealed record WorklistChange(int Changed, IReadOnlyList<string> Refusals)
{
    /// <summary>In one action.</summary>
    public const int MostStudies = 100;

    /// <summary>Whose films were somebody else's work until now, a sentence each: somebody may have assigned them meanwhile.</summary>
    public IReadOnlyList<string> Taken { get; init; } = [];

    internal static WorklistChange Refused(string why) => new(0, [why]);

    /// <summary>Null where the number of studies is right.</summary>
    internal static WorklistChange? OfCount(int studies) =>
        studies is 0 or > MostStudies ? Refused($"Choose 1 to {MostStudies} studies.") : null;
}
