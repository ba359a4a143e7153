namespace CovidCxr.Clinic.Demonstration;

/// <summary>A clock that stands where it is put: what is done by it is done on that day.</summary>
sealed class ChosenTime : TimeProvider
{
    public DateTimeOffset Now { get; set; }

    public override DateTimeOffset GetUtcNow() => Now;
}
