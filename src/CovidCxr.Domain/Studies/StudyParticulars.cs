namespace CovidCxr.Domain.Studies;

/// <summary>What people may change of a study: whose film it is, how it was taken, and whether it counts.</summary>
public sealed record StudyParticulars(
    string? PatientNumber, Sex Sex, DateOnly? BirthDate, int? AgeYears, ViewPosition View, DateOnly? AcquiredOn, bool IsWithdrawn = false)
{
    public static StudyParticulars Of(Study study) => new(
        study.PatientNumber, study.Sex, study.BirthDate, study.AgeYears, study.View, study.AcquiredOn, study.IsWithdrawn);

    public void ApplyTo(Study study)
    {
        (study.PatientNumber, study.Sex, study.BirthDate) = (PatientNumber, Sex, BirthDate);
        (study.AgeYears, study.View, study.AcquiredOn, study.IsWithdrawn) = (AgeYears, View, AcquiredOn, IsWithdrawn);
    }

    /// <summary>
    /// These with a change taken back. What is otherwise by now than the change left it, as the view with another principal image, stays.
    /// </summary>
    public StudyParticulars Without(StudyParticulars before, StudyParticulars after) => new(
        PatientNumber == after.PatientNumber ? before.PatientNumber : PatientNumber, Sex == after.Sex ? before.Sex : Sex,
        BirthDate == after.BirthDate ? before.BirthDate : BirthDate, AgeYears == after.AgeYears ? before.AgeYears : AgeYears,
        View == after.View ? before.View : View, AcquiredOn == after.AcquiredOn ? before.AcquiredOn : AcquiredOn,
        IsWithdrawn == after.IsWithdrawn ? before.IsWithdrawn : IsWithdrawn);

    /// <summary>The names of what is not the same in another; they carry no patient's data.</summary>
    public IReadOnlyList<string> Differences(StudyParticulars other)
    {
        (string Name, bool Differs)[] all =
        [
            ("patient number", PatientNumber != other.PatientNumber), ("sex", Sex != other.Sex),
            ("birth date", BirthDate != other.BirthDate), ("age", AgeYears != other.AgeYears), ("view", View != other.View),
            ("date", AcquiredOn != other.AcquiredOn), ("withdrawn", IsWithdrawn != other.IsWithdrawn),
        ];
        return [.. all.Where(d => d.Differs).Select(d => d.Name)];
    }
}
