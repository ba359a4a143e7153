using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Hospital.Delivery;

/// <param name="Page">From 0.</param>
/// <param name="State">Null for all.</param>
public sealed record ResultQuery(int Page = 0, int PageSize = 25, DeliveryState? State = null);

/// <param name="Alarm">Why what was delivered must be looked after there, in words; null where nothing is wrong.</param>
public sealed record ListedResult(OutgoingResult Result, string? Alarm);

public sealed record ResultPage(IReadOnlyList<ListedResult> Results, int Total);

/// <summary>What was, is or is to be sent, newest first. It says nothing of the answers themselves.</summary>
public sealed class ListResults(IDbContextFactory<CovidCxrDbContext> contexts)
{
    const int MostAlarms = 1000;

    public async Task<ResultPage> RunAsync(ResultQuery query, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var results = db.OutgoingResults.AsNoTracking().Where(r => query.State == null || r.State == query.State);
        var size = Math.Clamp(query.PageSize, 1, 200);
        var page = await results.OrderByDescending(r => r.Id).Skip((int)Math.Min((long)Math.Max(query.Page, 0) * size, int.MaxValue))
            .Take(size).ToListAsync(cancellation);
        return new(await WithAlarmsAsync(db, page, cancellation), await results.CountAsync(cancellation));
    }

    /// <summary>
    /// Objects to be removed at their destination, newest first: after they were sent, their film was withdrawn or moved, or its answer
    /// withheld.
    /// </summary>
    public async Task<IReadOnlyList<ListedResult>> AlarmsAsync(Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var changed = await db.OutgoingResults.AsNoTracking().Where(r => r.State == DeliveryState.Delivered)
            .Where(r => db.StudyChanges.Any(c => c.StudyId == r.StudyId && c.ChangedAt > r.SettledAt)
                || db.AllStudies.Any(s => s.Id == r.StudyId && (s.IsWithdrawn || s.Status == StudyStatus.Withheld)))
            .OrderByDescending(r => r.Id).Take(MostAlarms).ToListAsync(cancellation);
        return [.. (await WithAlarmsAsync(db, changed, cancellation)).Where(r => r.Alarm is not null)];
    }

    static async Task<IReadOnlyList<ListedResult>> WithAlarmsAsync(
        CovidCxrDbContext db, IReadOnlyList<OutgoingResult> results, CancellationToken cancellation)
    {
        var ids = results.Where(r => r.State == DeliveryState.Delivered).Select(r => r.StudyId).Distinct().ToList();
        var studies = await db.AllStudies.AsNoTracking().Where(s => ids.Contains(s.Id)).ToDictionaryAsync(s => s.Id, cancellation);
        var changes = (await db.StudyChanges.AsNoTracking().Where(c => ids.Contains(c.StudyId)).ToListAsync(cancellation))
            .ToLookup(c => c.StudyId);
        return [.. results.Select(r => new ListedResult(r, r.State == DeliveryState.Delivered
            ? Alarm(r, studies[r.StudyId], changes[r.StudyId])
            : null))];
    }

    static string? Alarm(OutgoingResult result, Study study, IEnumerable<StudyChange> changes)
    {
        if (study.IsWithdrawn)
        {
            return "The film was withdrawn since: remove the object there.";
        }

        if (study.Status == StudyStatus.Withheld)
        {
            return "The answer is withheld since: remove the object there.";
        }

        var before = changes.Where(c => c.ChangedAt > result.SettledAt).MinBy(c => c.Id)?.Before;
        return before is not null && before.PatientNumber != study.PatientNumber
            ? "The film was moved to another patient since: remove the object there."
            : null;
    }
}
