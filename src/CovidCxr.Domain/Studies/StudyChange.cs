using CovidCxr.Domain.Accounts;

namespace CovidCxr.Domain.Studies;

public enum StudyChangeKind
{
    Correct,
    Move,
    Withdraw,
    BringBack,

    /// <summary>An image was taken out as a study of its own.</summary>
    TakeOut,
    Undo,
}

/// <summary>
/// A person changed a study, and why. Rows are only ever added: an undo is a row that names the one it undoes.
/// </summary>
public sealed class StudyChange
{
    public const int MinReason = 3, MaxReason = 500;

    /// <summary>Grows: the newest has the largest.</summary>
    public long Id { get; init; }

    public Guid StudyId { get; init; }

    /// <summary>The same for all studies that one action changed, as where two patient numbers become one.</summary>
    public Guid ActionId { get; init; }

    public required StudyParticulars Before { get; init; }

    public required StudyParticulars After { get; init; }

    public required string Reason { get; init; }

    public Guid ChangedBy { get; init; }

    public required string ChangedByName { get; init; }

    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>The change that this one takes back; null for others.</summary>
    public long? UndoesId { get; init; }

    /// <summary>The image that was taken out or put back, and the study that it was meanwhile; null for other changes.</summary>
    public Guid? ImageId { get; init; }

    public StudyChangeKind Kind => this switch
    {
        { UndoesId: not null } => StudyChangeKind.Undo,
        { ImageId: not null } => StudyChangeKind.TakeOut,
        { Before.IsWithdrawn: false, After.IsWithdrawn: true } => StudyChangeKind.Withdraw,
        { Before.IsWithdrawn: true, After.IsWithdrawn: false } => StudyChangeKind.BringBack,
        _ when Before.PatientNumber != After.PatientNumber => StudyChangeKind.Move,
        _ => StudyChangeKind.Correct,
    };

    /// <summary>The newest change that still stands: no undo, and not undone. Null where there is none.</summary>
    public static StudyChange? Standing(IReadOnlyCollection<StudyChange> ofOneStudy)
    {
        var undone = ofOneStudy.Select(c => c.UndoesId).OfType<long>().ToHashSet();
        return ofOneStudy.Where(c => c.UndoesId is null && !undone.Contains(c.Id)).MaxBy(c => c.Id);
    }

    /// <summary>
    /// Whether this person may change a study: the lead always, the radiologist who uploaded it as long as nobody has read it. Whoever has
    /// read a film must not be able to take the own reading out of the figures.
    /// </summary>
    public static bool IsAllowed(Actor actor, Guid uploadedBy, bool isRead) =>
        actor.Is(Role.DepartmentLead) || (actor.Is(Role.Radiologist) && uploadedBy == actor.UserId && !isRead);

    /// <summary>Why this reason cannot stand; null where it can.</summary>
    public static string? Refusal(string? reason) =>
        reason?.Trim() is { Length: >= MinReason and <= MaxReason } words && !words.Any(char.IsControl)
            ? null
            : $"Say why in {MinReason} to {MaxReason} characters, on one line.";
}
