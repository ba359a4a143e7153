using CovidCxr.Domain.Readings;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Comparison;

/// <summary>
/// The readings by which policies are compared, and how many are not among them and why (see <see cref="PolicyComparison"/>).
/// </summary>
sealed record ArmCases(List<ReaderCase> Compared, bool IsByLot, int Asked, int Elsewhere, int WithoutModel, int OfOtherDisease)
{
    /// <summary>Blinded-first readings are in two arms: before the reveal and after it.</summary>
    public static bool IsIn(in ReaderCase c, ReadingArm arm) => (c.Before is null) == (arm == ReadingArm.Concurrent);
}

/// <summary>What decides which readings tell policies apart: who was asked for which study, and which policy was in force when.</summary>
sealed class ArmRules
{
    readonly ILookup<Guid, (Guid? ReaderId, DateTimeOffset AskedAt)> _requests;
    readonly List<ReadingPolicyChange> _changes;

    ArmRules(ILookup<Guid, (Guid? ReaderId, DateTimeOffset AskedAt)> requests, List<ReadingPolicyChange> changes) =>
        (_requests, _changes) = (requests, changes);

    public static async Task<ArmRules> LoadAsync(CovidCxrDbContext db, CancellationToken cancellation)
    {
        var requests = await db.ReadRequests.Select(r => new { r.StudyId, r.ReaderId, r.AskedAt }).ToListAsync(cancellation);
        return new(
            requests.ToLookup(r => r.StudyId, r => (r.ReaderId, r.AskedAt)),
            await db.PolicyChanges.AsNoTracking().OrderBy(c => c.Id).ToListAsync(cancellation));
    }

    /// <summary>
    /// Those of days drawn by lot where there are any, otherwise all that had an answer of a model of the disease and were not asked for.
    /// </summary>
    public ArmCases Of(List<ReaderCase> cases)
    {
        var (answered, ofOther) = (cases.FindAll(c => c.Call(Party.Model) is not null), cases.Count(c => c.IsBesideOtherDisease));
        var unasked = answered.FindAll(
            c => !_requests[c.StudyId].Any(r => (r.ReaderId is null || r.ReaderId == c.ReaderId) && r.AskedAt < c.ReadAt));
        var byLot = unasked.FindAll(IsByLot);
        var compared = byLot.Count > 0 ? byLot : unasked;
        return new(
            compared, byLot.Count > 0, answered.Count - unasked.Count, unasked.Count - compared.Count,
            cases.Count - answered.Count - ofOther, ofOther);
    }

    // Finished on a day whose lot it follows: one that was begun the day before may not.
    bool IsByLot(ReaderCase c) =>
        _changes.FindLast(p => p.ChangedAt <= c.ReadAt) is { Policy: ReadingPolicy.RandomisedByDay } change
        && change.On(DateOnly.FromDateTime(c.ReadAt.UtcDateTime))
            == (c.Before is null ? ReadingPolicy.Concurrent : ReadingPolicy.BlindedFirst);
}
