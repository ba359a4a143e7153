using CovidCxr.Domain.Accounts;

namespace CovidCxr.Domain.Studies;

/// <summary>
/// What was done for a patient, on one day or over a span of days. It is of the patient number, not of a film. A note is never edited or
/// deleted: one that is wrong is struck out, with a reason, and stays.
/// </summary>
public sealed class TherapyNote
{
    public const int MaxText = 200;

    /// <summary>
    /// By one person for one patient, those that were struck out too: a bound on all would tell a blinded person of others'.
    /// </summary>
    public const int MostByAPerson = 200;

    static readonly DateOnly Earliest = new(1900, 1, 1);

    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>As the patient's films have it. Where two numbers become one, the note goes along.</summary>
    public required string PatientNumber { get; set; }

    public DateOnly From { get; init; }

    /// <summary>The last day; null for a note of one day.</summary>
    public DateOnly? Until { get; init; }

    public required string Text { get; init; }

    public Guid CreatedBy { get; init; }

    public required string CreatedByName { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null where it stands; so are the other three.</summary>
    public Guid? StruckBy { get; private set; }

    public string? StruckByName { get; private set; }

    public DateTimeOffset? StruckAt { get; private set; }

    public string? StruckReason { get; private set; }

    public void Strike(string reason, Actor by, DateTimeOffset at) =>
        (StruckBy, StruckByName, StruckAt, StruckReason) = (by.UserId, by.UserName, at, reason);

    /// <summary>
    /// Whether a person may see a patient's notes and count them: they tell what the disease was, so who reads sees none until the own
    /// reading of every film is finished, whatever other role they have.
    /// </summary>
    /// <param name="hasFilms">Whether the patient has films that are not withdrawn.</param>
    /// <param name="hasWaiting">Whether one of them waits for this person's own finished reading.</param>
    public static bool AreShown(Actor actor, bool hasFilms, bool hasWaiting) =>
        !actor.Is(Role.Radiologist) || (hasFilms && !hasWaiting);

    /// <summary>Why such a note cannot stand; null where it can.</summary>
    public static string? Refusal(DateOnly? from, DateOnly? until, string? text, DateOnly today) => (from, until) switch
    {
        (null, _) => "Say the day of the therapy, or the first one.",
        ({ } first, _) when first < Earliest => "The first day lies before 1900.",
        ({ } first, _) when first > today => "The first day lies in the future.",
        ({ } first, { } last) when last < first => "The last day lies before the first.",
        (_, { } last) when last > today.AddYears(1) => "The last day lies more than a year ahead.",
        _ when text?.Trim() is not { Length: > 0 and <= MaxText } words || words.Any(char.IsControl) =>
            $"Say what was done in 1 to {MaxText} characters, on one line.",
        _ => null,
    };
}

/// <summary>
/// One action brought a note from one patient number to another. Rows are only ever added; by them the action's undo finds its notes.
/// </summary>
public sealed class TherapyNoteMove
{
    public long Id { get; init; }

    public Guid NoteId { get; init; }

    /// <summary>Of the changes of studies that it belongs to (<see cref="StudyChange.ActionId"/>).</summary>
    public Guid ActionId { get; init; }

    public required string Before { get; init; }

    public required string After { get; init; }
}
