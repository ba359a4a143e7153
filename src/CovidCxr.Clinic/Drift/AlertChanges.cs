using CovidCxr.Platform.Nodes;

namespace CovidCxr.Clinic.Drift;

/// <summary>
/// Tells open pages, those of other programs on the database too, that alerts have come or were acknowledged. Carries no content.
/// </summary>
public sealed class AlertChanges
{
    const string Topic = "alerts";

    readonly NodeNews _news;

    public AlertChanges(NodeNews news)
    {
        _news = news;
        news.Listen(Topic, _ => Changed?.Invoke());
    }

    /// <summary>Raised on whatever thread the change was made or heard.</summary>
    public event Action? Changed;

    public void Publish()
    {
        Changed?.Invoke();
        _news.Tell(Topic, "changed");
    }
}
