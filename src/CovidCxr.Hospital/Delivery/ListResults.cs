using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Studies;
using CovidCxr.Hospital.Hl7;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Hospital.Delivery;

/// <param name="Page">From 0.</param>
/// <param name="State">Null for all.</param>
public sealed record ResultQuery(int Page = 0, int PageSize = 25, DeliveryState? State = null);

/// <param name="Alarm">Why what is or may be there must be looked after there, in words; null where nothing is wrong.</param>
public sealed record ListedResult(OutgoingResult Result, string? Alarm)
{
    /// <summary>The destination refused it as one that it has already, so a person may say that it is there.</summary>
    public bool CanBeThere => Result is { State: DeliveryState.Failed, Reason: StoreScu.AlreadyThere };
}

public sealed record ResultPage(IReadOnlyList<ListedResult> Results, int Total);

/// <summary>What was, is or is to be sent, newest first. It says nothing of the answers themselves.</summary>
public sealed class ListResults(IDbContextFactory<CovidCxrDbContext> contexts, ViewLog views)
{
    const int MostAlarms = 1000, Part = 1000;

    const string MayBeThere = "it may be there, so look, and remove it";

    public async Task<ResultPage> RunAsync(ResultQuery query, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var results = db.OutgoingResults.AsNoTracking().Where(r => query.State == null || r.State == query.State);
        var size = Math.Clamp(query.PageSize, 1, 200);
        var page = await results.OrderByDescending(r => r.Id).Skip((int)Math.Min((long)Math.Max(query.Page, 0) * size, int.MaxValue))
            .Take(size).ToListAsync(cancellation);
        await views.NoteOnceAMinuteAsync(actor, AuditAction.ListView, null, "results");
        return new(await WithAlarmsAsync(db, page, cancellation), await results.CountAsync(cancellation));
    }

    /// <summary>
    /// Objects to be removed at their destination, newest first: after they were sent, or while they were, their film was withdrawn or
    /// moved, or its answer withheld. Those too whose acknowledgement was lost, whatever became of them here.
    /// </summary>
    public async Task<IReadOnlyList<ListedResult>> AlarmsAsync(Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var changed = db.OutgoingResults.AsNoTracking().Where(r => r.SentAfterChange != null)
            .Where(r => db.StudyChanges.Any(c => c.StudyId == r.StudyId && c.Id > r.SentAfterChange)
                || db.AllStudies.Any(s => s.Id == r.StudyId && (s.IsWithdrawn || s.Status == StudyStatus.Withheld
                    || (s.Status == StudyStatus.Ready && s.StatusReason != null))))
            .OrderByDescending(r => r.Id);
        List<ListedResult> alarms = [];
        var looked = 0;
        // Most changes are no cause, and whether one is stands in what was changed: so in parts, until there are enough.
        while (alarms.Count < MostAlarms && await changed.Skip(looked).Take(Part).ToListAsync(cancellation) is { Count: > 0 } part)
        {
            looked += part.Count;
            alarms.AddRange((await WithAlarmsAsync(db, part, cancellation)).Where(r => r.Alarm is not null));
        }

        return alarms[..Math.Min(alarms.Count, MostAlarms)];
    }

    static async Task<IReadOnlyList<ListedResult>> WithAlarmsAsync(
        CovidCxrDbContext db, IReadOnlyList<OutgoingResult> results, CancellationToken cancellation)
    {
        var ids = results.Where(r => r.SentAfterChange is not null).Select(r => r.StudyId).Distinct().ToList();
        var studies = await db.AllStudies.AsNoTracking().Where(s => ids.Contains(s.Id)).ToDictionaryAsync(s => s.Id, cancellation);
        var changes = (await db.StudyChanges.AsNoTracking().Where(c => ids.Contains(c.StudyId)).ToListAsync(cancellation))
            .ToLookup(c => c.StudyId);
        return [.. results.Select(r => new ListedResult(
            r, r.SentAfterChange is { } sent && Cause(studies[r.StudyId], changes[r.StudyId].Where(c => c.Id > sent)) is { } cause
                ? $"{cause}: {(r.State == DeliveryState.Delivered ? "remove the object there" : MayBeThere)}."
                : null))];
    }

    /// <param name="since">The changes since the object was sent.</param>
    static string? Cause(Study study, IEnumerable<StudyChange> since) => study switch
    {
        { IsWithdrawn: true } => "The film was withdrawn since",
        // A score that was asked for although it is withheld does not leave either.
        { Status: StudyStatus.Withheld } or { Status: StudyStatus.Ready, StatusReason: not null } => "The answer is withheld since",
        // What the hospital merged by message it merged everywhere.
        _ when since.Where(c => c.ChangedBy != ApplyMessage.ActorId).MinBy(c => c.Id)?.Before is { } before
            && before.PatientNumber != study.PatientNumber => "The film was moved to another patient since",
        _ => null,
    };
}
