using CovidCxr.Application.Accounts;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Application.Agreement;

/// <summary>
/// What seeing the model from the start changes: readings of blinded-first days against those of concurrent days. Where days were drawn by lot, those days alone, so that
/// nothing but the lot tells them apart; otherwise all, and whatever else changed with the policy is in the difference too.
/// </summary>
public sealed class ComparePolicies(IDbContextFactory<CovidCxrDbContext> contexts, CaseCache cache)
{
    public async Task<PolicyComparison> RunAsync(AgreementFilter filter, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var set = await cache.GetAsync(db, cancellation);
        var choices = await CompareReaders.ChoicesAsync(db, set, cancellation);
        var requests = (await db.ReadRequests.Select(r => new { r.StudyId, r.ReaderId, r.AskedAt }).ToListAsync(cancellation)).ToLookup(r => r.StudyId, r => (r.ReaderId, r.AskedAt));
        var changes = await db.PolicyChanges.AsNoTracking().OrderBy(c => c.Id).ToListAsync(cancellation);
        var comparison = await Task.Run(() => set.Answer((filter, nameof(ComparePolicies)), () =>
        {
            var cases = ReaderCases.Filter(set.All, filter, onlyBy: null);
            var answered = cases.Where(c => c.PredictionId is not null).ToList();
            var unasked = answered.Where(c => !requests[c.StudyId].Any(r => (r.ReaderId is null || r.ReaderId == c.ReaderId) && r.AskedAt < c.ReadAt)).ToList();
            var byLot = unasked.Where(c => IsByLot(c, changes)).ToList();
            var compared = byLot.Count > 0 ? byLot : unasked;
            var (arms, differences) = ArmBootstrap.Of(compared, cancellation);
            return new PolicyComparison(byLot.Count > 0, answered.Count - unasked.Count, unasked.Count - compared.Count, cases.Count - answered.Count, new([], []), arms, differences);
        }), cancellation);
        return comparison with { Choices = choices };
    }

    // Finished on a day whose lot it follows: one that was begun the day before may not.
    static bool IsByLot(ReaderCase c, List<ReadingPolicyChange> changes) =>
        changes.FindLast(p => p.ChangedAt <= c.ReadAt) is { Policy: ReadingPolicy.RandomisedByDay } change
        && change.On(DateOnly.FromDateTime(c.ReadAt.UtcDateTime)) == (c.Before is null ? ReadingPolicy.Concurrent : ReadingPolicy.BlindedFirst);
}
