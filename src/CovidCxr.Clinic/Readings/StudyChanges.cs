namespace CovidCxr.Clinic.Readings;

/// <summary>
/// Tells open pages of this process that a study has changed. Carries no content: each page asks for what its user may see.
/// </summary>
public sealed class StudyChanges
{
    /// <summary>Raised with the study's id, on whatever thread the change was made.</summary>
    public event Action<Guid>? Changed;

    public void Publish(Guid studyId) => Changed?.Invoke(studyId);
}
