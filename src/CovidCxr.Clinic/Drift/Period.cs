using CovidCxr.Clinic.Comparison;

namespace CovidCxr.Clinic.Drift;

/// <summary>Whole days of UTC, both included.</summary>
public readonly record struct Period(DateOnly From, DateOnly To)
{
    const int DefaultDays = 30;

    public DateTimeOffset Starts => new(From, default, TimeSpan.Zero);

    /// <summary>The first moment after it.</summary>
    public DateTimeOffset Ends => To == DateOnly.MaxValue ? DateTimeOffset.MaxValue : new(To.AddDays(1), default, TimeSpan.Zero);

    /// <summary>The month before it begins.</summary>
    public Period MonthBefore => new(From.AddMonths(-1), From.AddDays(-1));

    /// <summary>What a filter says, as far as it has come; where it says no beginning, the last thirty days.</summary>
    public static Period Of(AgreementFilter filter, DateOnly today)
    {
        var to = Clamp(filter.To is { } last && last < today ? last : today);
        var from = Clamp(filter.From ?? to.AddDays(1 - DefaultDays));
        return from > to ? new(to, to) : new(from, to);
    }

    public static DateOnly Today(TimeProvider time) => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    // An address is typed by hand, too: months before the year 1 are none.
    static DateOnly Clamp(DateOnly day) => day.Year < 1900 ? new(1900, 1, 1) : day;
}
