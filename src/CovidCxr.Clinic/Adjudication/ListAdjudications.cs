using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Adjudication;

public enum AdjudicationState
{
    /// <summary>The readers differ, one is indeterminate, or there is one alone.</summary>
    NeedsDecision,

    /// <summary>Somebody has not read it yet.</summary>
    Waiting,

    /// <summary>A consensus was recorded after the readers were asked.</summary>
    Settled,
}

/// <param name="Findings">The study's consensus with its history, the newest first.</param>
public sealed record AdjudicatedStudy(
    Guid StudyId, string? PatientNumber, DateTimeOffset AskedAt, IReadOnlyList<AskedReader> Readers, AdjudicationState State,
    IReadOnlyList<ReferenceFinding> Findings);

/// <summary>Studies under adjudication, those that wait for the lead's decision first.</summary>
public sealed class ListAdjudications(IDbContextFactory<CovidCxrDbContext> contexts, ViewLog views)
{
    public const int MostStudies = 200;

    public async Task<IReadOnlyList<AdjudicatedStudy>> RunAsync(Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var asked = await Adjudications.AskedAsync(db, cancellation);
        // A lead who reads too learns what others said once the own reading stands.
        var rows = await db.ReadRequests.Where(r => r.Kind == ReadRequestKind.Adjudication)
            .Where(
                r => !actor.Roles.Contains(Role.Radiologist) || db.Readings.Any(o => o.StudyId == r.StudyId && o.ReaderId == actor.UserId))
            .GroupBy(r => r.StudyId).Select(g => new { StudyId = g.Key, AskedAt = g.Max(r => r.AskedAt) })
            .Join(db.Studies, r => r.StudyId, s => s.Id, (r, s) => new { r.StudyId, r.AskedAt, s.PatientNumber }).ToListAsync(cancellation);
        await views.NoteOnceAMinuteAsync(actor, AuditAction.ListView, null, "adjudications");
        var ids = rows.Select(r => r.StudyId).ToList();
        var findings = (await db.ReferenceFindings.AsNoTracking().Where(
            f => ids.Contains(f.StudyId) && f.Source == ReferenceSource.Consensus).ToListAsync(cancellation))
            .ToLookup(f => f.StudyId);
        return [.. rows.Select(r =>
        {
            List<ReferenceFinding> history = [.. findings[r.StudyId].OrderByDescending(f => f.EnteredAt)];
            return new AdjudicatedStudy(
                r.StudyId, r.PatientNumber, r.AskedAt, asked[r.StudyId], State(asked[r.StudyId], history, r.AskedAt), history);
        }).OrderBy(a => a.State).ThenByDescending(a => a.AskedAt).Take(MostStudies)];
    }

    static AdjudicationState State(List<AskedReader> readers, List<ReferenceFinding> history, DateTimeOffset askedAt) =>
        history.Any(f => f.EnteredAt >= askedAt) ? AdjudicationState.Settled
        : readers.Any(r => r.Blind is null) ? AdjudicationState.Waiting
        : AdjudicationState.NeedsDecision;
}
