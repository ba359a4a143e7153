namespace CovidCxr.Clinic.Drift;

/// <summary>Tells open pages of this process that alerts have come or were acknowledged. Carries no content.</summary>
public sealed class AlertChanges
{
    /// <summary>Raised on whatever thread the change was made.</summary>
    public event Action? Changed;

    public void Publish() => Changed?.Invoke();
}
