using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Dicom;

namespace CovidCxr.Clinic.Studies;

/// <summary>Whose word counts where a file's header and the uploader say different things.</summary>
public enum HeaderAnswer
{
    /// <summary>Nobody has seen what the header says.</summary>
    NotAsked,
    File,
    Typed,
}

/// <summary>A DICOM header in the clinic's words, and beside what was typed.</summary>
public static class HeaderFacts
{
    public static StudyDetails Of(DicomHeader header) => new(
        header.PatientId,
        header.PatientSex switch { "F" => Sex.Female, "M" => Sex.Male, "O" => Sex.Other, _ => Sex.Unknown },
        header.AgeYears, header.TakenOn, ScoreRules.ViewOf(header.View));

    /// <summary>The first one's words, and the second one's where the first says nothing.</summary>
    public static StudyDetails Over(StudyDetails first, StudyDetails second) => new(
        string.IsNullOrWhiteSpace(first.PatientNumber) ? second.PatientNumber : first.PatientNumber,
        first.Sex == Sex.Unknown ? second.Sex : first.Sex, first.AgeYears ?? second.AgeYears, first.AcquiredOn ?? second.AcquiredOn,
        first.View == ViewPosition.Unknown ? second.View : first.View, first.Urgency ?? second.Urgency);

    /// <summary>What both say, and say differently.</summary>
    public static IReadOnlyList<string> Conflicts(StudyDetails header, StudyDetails typed)
    {
        (string Name, bool Differs)[] all =
        [
            ("patient number", !string.IsNullOrWhiteSpace(typed.PatientNumber) && header.PatientNumber is { } number
                && !number.Equals(typed.PatientNumber.Trim(), StringComparison.OrdinalIgnoreCase)),
            ("sex", typed.Sex != Sex.Unknown && header.Sex != Sex.Unknown && typed.Sex != header.Sex),
            ("age", typed.AgeYears is not null && header.AgeYears is not null && typed.AgeYears != header.AgeYears),
            ("date", typed.AcquiredOn is not null && header.AcquiredOn is not null && typed.AcquiredOn != header.AcquiredOn),
            ("view", typed.View != ViewPosition.Unknown && header.View != ViewPosition.Unknown && typed.View != header.View),
        ];
        return [.. all.Where(c => c.Differs).Select(c => c.Name)];
    }
}
