using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;

namespace CovidCxr.Clinic.Patients;

/// <summary>A patient's films as one person may see them.</summary>
/// <param name="Films">The oldest first.</param>
/// <param name="Total">Films under this number; more than are listed where there are very many.</param>
/// <param name="Withdrawn">Films under this number that count nowhere.</param>
/// <param name="Notes">
/// Of the therapy, the earliest first. Null where they wait for this person's own readings, whether there are any or not.
/// </param>
public sealed record Patient(
    string Number, IReadOnlyList<PatientFilm> Films, int Total, IReadOnlyList<WithdrawnFilm> Withdrawn,
    IReadOnlyList<PatientNote>? Notes);

/// <param name="On">When the film was taken; where that is unknown, when it came in.</param>
/// <param name="IsHidden">The model's answer waits for this person's own reading, whether there is one or not.</param>
/// <param name="Severity">Null where hidden, or where there is none.</param>
/// <param name="Readings">Finished, and not corrected since: the own ones, or the lead's view of all. The oldest first.</param>
/// <param name="References">For who reads, once the own reading is finished.</param>
public sealed record PatientFilm(
    Guid StudyId, DateOnly On, bool IsDated, ViewPosition View, Sex Sex, DateOnly? BirthDate, int? AgeYears, bool IsHidden,
    FilmScore? Score, CoursePoint? Severity, IReadOnlyList<FilmReading> Readings, IReadOnlyList<FilmReference> References)
{
    /// <summary>Of the visit's further images, which are never scored.</summary>
    public IReadOnlyList<ViewPosition> FurtherViews { get; init; } = [];
}

/// <param name="Probability">Of the positive class, 0..1.</param>
/// <param name="ModelNumber">Scores of two versions are not one scale.</param>
public sealed record FilmScore(string PositiveClass, double Probability, double Threshold, int ModelNumber);

public sealed record FilmReading(string ReaderName, bool IsOwn, Opinion Opinion, int Confidence, DateTimeOffset At);

public sealed record FilmReference(ReferenceSource Source, ReferenceResult Result, DateOnly FoundOn);

public sealed record WithdrawnFilm(Guid StudyId, DateOnly On, ViewPosition View);

/// <param name="Until">The last day; null for a note of one day.</param>
/// <param name="Struck">Null where it stands.</param>
public sealed record PatientNote(
    Guid Id, DateOnly From, DateOnly? Until, string Text, string WriterName, DateTimeOffset At, bool MayStrike, StruckNote? Struck);

public sealed record StruckNote(string ByName, DateTimeOffset At, string Reason);
