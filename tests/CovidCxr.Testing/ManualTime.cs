namespace CovidCxr.Testing;

/// <summary>A clock that stands still until it is told otherwise. Timers and delays run on the real one.</summary>
public sealed class ManualTime : TimeProvider
{
    long _ticks = new DateTimeOffset(2026, 3, 2, 8, 0, 0, TimeSpan.Zero).UtcTicks;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
}
