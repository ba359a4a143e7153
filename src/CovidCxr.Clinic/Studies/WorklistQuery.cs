using CovidCxr.Domain.Studies;

namespace CovidCxr.Clinic.Studies;

public enum WorklistSort
{
    /// <summary>Unread first, of these the urgent, of each the newest.</summary>
    Unread,
    Received,
    Patient,
    Age,
    Probability,
}

/// <summary>What the worklist shows.</summary>
/// <param name="Page">From 0.</param>
/// <param name="PageSize">1 to 200.</param>
/// <param name="Descending">Ignored by Unread.</param>
/// <param name="IsRead">True: finished readings exist; false: none does.</param>
/// <param name="IsAsked">Only studies that this person is asked to read and has not.</param>
/// <param name="IsBegun">Only studies that this person has locked an opinion of and not finished.</param>
/// <param name="IsWithdrawn">The withdrawn studies instead of the others.</param>
/// <param name="IsUrgent">Only unread studies that a person has marked urgent.</param>
/// <param name="AssignedTo">Only studies that are assigned to this person.</param>
/// <param name="IsUnassigned">Only studies that are assigned to nobody.</param>
/// <param name="IsLate">Only studies with an image that came after this person's reading; after anybody's, for who does not read.</param>
/// <param name="Text">Any part of a patient or accession number, in upper or lower case.</param>
/// <param name="PredictedClass">Under "blinded first" a reader finds only studies whose answer was revealed to that reader.</param>
public sealed record WorklistQuery(
    int Page = 0, int PageSize = 50, WorklistSort Sort = WorklistSort.Unread, bool Descending = true, bool? IsRead = null,
    StudyStatus? Status = null, ViewPosition? View = null, DateTimeOffset? From = null, DateTimeOffset? To = null,
    string? PredictedClass = null, string? Text = null, bool IsAsked = false,
    bool IsBegun = false, bool IsWithdrawn = false, bool IsUrgent = false, Guid? AssignedTo = null, bool IsUnassigned = false,
    bool IsLate = false)
{
    /// <summary>Whether the model's answers choose or order the list.</summary>
    public bool IsByAnswer => PredictedClass is not null || Sort == WorklistSort.Probability;
}

/// <param name="IsLocked">The model's answer is hidden from this reader until the own opinion is locked.</param>
/// <param name="IsAsked">This person is asked to read it, and is not told why.</param>
/// <param name="IsBegunByMe">This person has locked an opinion and not finished.</param>
/// <param name="Probability">Of the positive class, 0..1; null where locked or not there yet.</param>
/// <param name="Urgency">Why it is urgent; null where it is not, or somebody has read it.</param>
/// <param name="AssignedToName">As pages show a person; null where it is assigned to nobody.</param>
/// <param name="FurtherImages">How many images the visit has besides the principal one.</param>
/// <param name="HasLateImage">One of them came after this person's reading; after anybody's, for who does not read.</param>
public sealed record WorklistItem(
    Guid Id, DateTimeOffset ReceivedAt, string? PatientNumber, int? AgeYears, Sex Sex, ViewPosition View, StudyStatus Status,
    string? StatusReason, bool IsLocked, string? PredictedClass, double? Probability, int ReadCount, bool IsReadByMe,
    bool IsBegunByMe, bool IsAsked, UrgencyReason? Urgency = null, Guid? AssignedTo = null, string? AssignedToName = null,
    int FurtherImages = 0, bool HasLateImage = false);

/// <param name="Total">Studies that match.</param>
/// <param name="Unread">Studies in all without a finished reading.</param>
/// <param name="Running">Studies in all that wait for the model.</param>
/// <param name="Asked">Studies in all that this person is asked to read and has not.</param>
/// <param name="Begun">Studies in all that this person has begun to read and not finished.</param>
/// <param name="Urgent">Unread studies in all that are marked urgent.</param>
/// <param name="Mine">Unread studies in all that are assigned to this person.</param>
/// <param name="Late">Studies in all with an image that came after this person's reading; after anybody's, for who does not read.</param>
/// <param name="Classes">Classes to filter by.</param>
/// <param name="PositiveClass">What the probabilities are of, by the newest prediction; null before the first.</param>
public sealed record WorklistPage(
    IReadOnlyList<WorklistItem> Items, int Total, int Unread, int Running, IReadOnlyList<string> Classes, string? PositiveClass, int Asked,
    int Begun, int Urgent = 0, int Mine = 0, int Late = 0);
