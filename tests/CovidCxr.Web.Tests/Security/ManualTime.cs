namespace CovidCxr.Web.Tests.Security;

/// <summary>A clock that stands still until told otherwise. Timers are the system's.</summary>
sealed class ManualTime : TimeProvider
{
    DateTimeOffset _now = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan by) => _now += by;
}
