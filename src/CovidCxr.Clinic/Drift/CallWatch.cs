using System.Collections.Concurrent;
using CovidCxr.Statistics.Drift;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Drift;

/// <summary>The active version's newest answer to a film.</summary>
readonly record struct FilmCall(Guid StudyId, DateTimeOffset At, bool IsPositive);

/// <summary>The share of positive calls has moved.</summary>
/// <param name="From">When the sum last began to grow.</param>
/// <param name="At">When it reached its limit.</param>
/// <param name="Films">Answered from then to then.</param>
/// <param name="Positive">How many of them were called positive.</param>
public sealed record CallAlarm(bool IsRise, DateTimeOffset From, DateTimeOffset At, int Films, int Positive);

/// <summary>
/// The share of films that the active version calls positive, watched film by film: it needs no reference. A fall of specificity shows as a
/// rise by as many points times the share of films without the disease, a fall of sensitivity as a fall; so does a change of who comes.
/// It begins anew where another version, or another threshold, begins to call.
/// </summary>
/// <param name="From">Since when the version calls as it does now.</param>
/// <param name="Base">The first films since, up to <see cref="BaseFilms"/>.</param>
/// <param name="BasePositive">How many of them were called positive.</param>
/// <param name="Since">Films after those.</param>
/// <param name="Rise">What watches for a rise; null while the base is too small, or where it could not rise so far. Fall likewise.</param>
/// <param name="Alarms">In order of time.</param>
public sealed record CallWatch(
    Guid VersionId, DateTimeOffset From, int Base, int BasePositive, int Since, BernoulliCusum? Rise, BernoulliCusum? Fall,
    IReadOnlyList<CallAlarm> Alarms)
{
    /// <summary>What the share of before is taken from.</summary>
    public const int BaseFilms = 500;

    /// <summary>The move that it is made to find.</summary>
    public const double Shift = 0.03;

    /// <summary>Expected for each film while nothing moves, of both sides together.</summary>
    public const double FalseAlarms = 1e-3;

    // A second of arithmetic each, and the base of a version stays what it is.
    static readonly ConcurrentDictionary<(int Positive, double Shift), BernoulliCusum?> Designs = [];

    public double BaseShare => Base == 0 ? 0 : BasePositive / (double)Base;

    /// <summary>The calls since the active version calls as it does now, in their order; null where none is active.</summary>
    internal static async Task<(Guid VersionId, DateTimeOffset From, List<FilmCall> Calls)?> ReadAsync(
        CovidCxrDbContext db, CancellationToken cancellation)
    {
        if (await db.ModelPeriods.AsNoTracking().SingleOrDefaultAsync(p => p.Until == null, cancellation) is not { } period)
        {
            return null;
        }

        var version = period.ModelVersionId;
        var start = await LastThresholdAsync(db, version, cancellation) is { } changed && changed > period.From ? changed : period.From;
        var calls = await (
            from s in db.Studies
            join p in db.Predictions on s.PredictionId equals p.Id
            where s.CopyOf == null && s.Probability != null && s.ScoreDemandReason == null && p.ModelVersionId == version
                && p.CreatedAt >= start
            orderby p.CreatedAt, p.Id
            select new FilmCall(s.Id, p.CreatedAt, p.PredictedIndex == p.PositiveIndex)).ToListAsync(cancellation);
        return (version, start, calls);
    }

    // An acceptance, and its end, may bring another threshold; one that brings the same changes nothing.
    static async Task<DateTimeOffset?> LastThresholdAsync(CovidCxrDbContext db, Guid version, CancellationToken cancellation)
    {
        var rows = await db.LocalAcceptances.AsNoTracking().Where(a => a.ModelVersionId == version).OrderBy(a => a.Id)
            .Select(a => new { a.AcceptedAt, Threshold = a.IsWithdrawal ? (double?)null : a.Threshold }).ToListAsync(cancellation);
        return rows.Where((row, i) => row.Threshold != (i == 0 ? null : rows[i - 1].Threshold)).LastOrDefault()?.AcceptedAt;
    }

    internal static CallWatch Of(Guid version, DateTimeOffset from, List<FilmCall> calls)
    {
        var first = calls.Take(BaseFilms).ToList();
        var positive = first.Count(c => c.IsPositive);
        if (first.Count < BaseFilms)
        {
            return new(version, from, first.Count, positive, 0, null, null, []);
        }

        var since = calls[BaseFilms..];
        var (rise, fall) = (DesignOf(positive, Shift), DesignOf(positive, -Shift));
        return new(
            version, from, BaseFilms, positive, since.Count, rise, fall,
            [.. AlarmsOf(rise, since, isRise: true).Concat(AlarmsOf(fall, since, isRise: false)).OrderBy(a => a.At)]);
    }

    static BernoulliCusum? DesignOf(int positive, double shift) => Designs.GetOrAdd(
        (positive, shift), of => BernoulliCusum.Design(of.Positive, BaseFilms, of.Shift, FalseAlarms / 2));

    static IEnumerable<CallAlarm> AlarmsOf(BernoulliCusum? cusum, List<FilmCall> since, bool isRise) =>
        from alarm in cusum?.Alarms(since.Select(c => c.IsPositive)) ?? []
        let films = since[alarm.First..(alarm.Last + 1)]
        select new CallAlarm(isRise, films[0].At, films[^1].At, films.Count, films.Count(f => f.IsPositive));
}
