using CovidCxr.Domain.Studies;

namespace CovidCxr.Clinic.Studies;

/// <summary>What the uploader typed; all of it may be left out.</summary>
/// <param name="Urgency">Why the film is to be read before others; no file says so, a person does.</param>
public sealed record StudyDetails(
    string? PatientNumber = null, Sex Sex = Sex.Unknown, int? AgeYears = null, DateOnly? AcquiredOn = null,
    ViewPosition View = ViewPosition.Unknown, UrgencyReason? Urgency = null);

public abstract record ImportStudyResult
{
    private ImportStudyResult()
    {
    }

    /// <param name="Joined">In words what it became of a study that was here already; null for a study of its own.</param>
    public sealed record Imported(Guid StudyId, string? Joined = null) : ImportStudyResult;

    /// <summary>The same pixels are known already; nothing was stored.</summary>
    public sealed record Duplicate(Guid StudyId) : ImportStudyResult;

    /// <summary>The file has a header that the person has not seen yet; nothing was stored.</summary>
    /// <param name="Header">What it says of the study.</param>
    /// <param name="Conflicts">What was typed otherwise, in words.</param>
    public sealed record Asked(StudyDetails Header, string? AccessionNumber, IReadOnlyList<string> Conflicts) : ImportStudyResult;

    /// <summary>
    /// The film may be another patient's than its number says; nothing was stored. Asked again with isConfirmed, a new film is stored
    /// under its number, and a known one stays as it is.
    /// </summary>
    /// <param name="StudyId">The study that the film is known as already; null for a new film.</param>
    /// <param name="Doubts">What speaks against it, a sentence each.</param>
    /// <param name="PatientNumber">The film's number as settled between file and person.</param>
    /// <param name="CopyOf">The study whose film a new film shows cropped, brightened or saved anew; null where there is none.</param>
    public sealed record Doubted(Guid? StudyId, IReadOnlyList<string> Doubts, string? PatientNumber, Guid? CopyOf = null)
        : ImportStudyResult
    {
        /// <summary>The doubts in general words, for those who may not see other films.</summary>
        public required IReadOnlyList<string> Kinds { get; init; }
    }

    /// <param name="Message">For the person who uploaded.</param>
    public sealed record Refused(string Message) : ImportStudyResult;
}
