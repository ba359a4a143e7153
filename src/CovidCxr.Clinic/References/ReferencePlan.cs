using CovidCxr.Domain.Readings;

namespace CovidCxr.Clinic.References;

public enum ReferenceOutcome
{
    New,

    /// <summary>Supersedes what stands.</summary>
    Replaces,

    /// <summary>Exactly this stands already, or an earlier line says it.</summary>
    Known,
    Refused,
}

/// <param name="Study">As the file names it.</param>
/// <param name="Message">Why it is refused, or what it replaces.</param>
/// <param name="FoundOnText">The day as the file has it.</param>
/// <param name="FilmOf">How the film's date was read; null where the line names the study by its id, or could not be understood.</param>
public sealed record PlannedReference(
    int Line, string Study, Guid? StudyId, ReferenceSource Source, ReferenceResult Result, DateOnly FoundOn, ReferenceOutcome Outcome,
    Guid? SupersedesId, string? Message, string FoundOnText = "", DateOnly? FilmOf = null);

/// <summary>What an import would do, line by line.</summary>
/// <param name="Error">Why the file as a whole cannot be taken; null where it can.</param>
public sealed record ReferencePlan(IReadOnlyList<PlannedReference> Lines, string? Error)
{
    /// <summary>What a person must say of the file's days first; without an answer nothing is read, and nothing done.</summary>
    public IReadOnlyList<DayQuestion> Questions { get; init; } = [];

    /// <summary>The answers that it was read by.</summary>
    public DayOrders Orders { get; init; } = new();

    public int Of(ReferenceOutcome outcome) => Lines.Count(l => l.Outcome == outcome);

    public bool HasWork => Lines.Any(l => l.Outcome is ReferenceOutcome.New or ReferenceOutcome.Replaces);
}
