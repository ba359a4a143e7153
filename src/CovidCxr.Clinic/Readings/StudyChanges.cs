using CovidCxr.Platform.Nodes;

namespace CovidCxr.Clinic.Readings;

/// <summary>
/// Tells open pages, those of other programs on the database too, that a study has changed. Carries no content: each page asks for what
/// its user may see.
/// </summary>
public sealed class StudyChanges
{
    const string Topic = "study";

    readonly NodeNews _news;

    public StudyChanges(NodeNews news)
    {
        _news = news;
        news.Listen(Topic, word => Changed?.Invoke(Guid.TryParseExact(word, "N", out var study) ? study : Guid.Empty));
    }

    /// <summary>Raised with the study's id, on whatever thread the change was made or heard; an empty one may be any study.</summary>
    public event Action<Guid>? Changed;

    /// <summary>Whether what was raised may be about a study.</summary>
    public static bool Concern(Guid changed, Guid? study) => changed == study || changed == Guid.Empty;

    public void Publish(Guid studyId)
    {
        Changed?.Invoke(studyId);
        _news.Tell(Topic, $"{studyId:N}");
    }
}
