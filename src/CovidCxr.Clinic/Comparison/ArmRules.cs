using CovidCxr.Domain.Readings;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Comparison;

/// <summary>
/// The readings by which policies are compared, and how many are not among them and why (see <see cref="PolicyComparison"/>).
/// </summary>
sealed record ArmCases(
    List<ReaderCase> Compared, bool IsByLot, int Asked, int Elsewhere, int Disclosed, int WithoutModel, int OfOtherDisease)
{
    /// <summary>Blinded-first readings are in two arms: before the reveal and after it.</summary>
    public static bool IsIn(in ReaderCase c, ReadingArm arm) => (c.Before is null) == (arm == ReadingArm.Concurrent);
}

/// <summary>What decides which readings tell policies apart: who was asked for which study, and which policy was in force when.</summary>
sealed class ArmRules
{
    readonly ILookup<Guid, (Guid? ReaderId, DateTimeOffset AskedAt)> _requests;
    readonly List<ReadingPolicyChange> _changes;
    readonly Dictionary<(Guid Reader, Guid Study), DateTimeOffset> _disclosures;

    ArmRules(
        ILookup<Guid, (Guid? ReaderId, DateTimeOffset AskedAt)> requests, List<ReadingPolicyChange> changes,
        Dictionary<(Guid Reader, Guid Study), DateTimeOffset> disclosures) =>
        (_requests, _changes, _disclosures) = (requests, changes, disclosures);

    /// <summary>Rows of all three are only ever added: equal numbers, equal rules.</summary>
    public (int Requests, int Changes, int Disclosures) Version =>
        (_requests.Sum(r => r.Count()), _changes.Count, _disclosures.Count);

    public static async Task<ArmRules> LoadAsync(CovidCxrDbContext db, CancellationToken cancellation)
    {
        var requests = await db.ReadRequests.Select(r => new { r.StudyId, r.ReaderId, r.AskedAt }).ToListAsync(cancellation);
        var disclosures = await db.Disclosures.AsNoTracking().ToDictionaryAsync(d => (d.ReaderId, d.StudyId), d => d.At, cancellation);
        // What has left was no secret to those who locked an opinion afterwards all the same, as of what turned out to be a copy.
        var late = await (from d in db.Disclosures
                          join r in db.Readings on d.StudyId equals r.StudyId
                          where d.ReaderId == Disclosure.Everybody && r.Stage == ReadingStage.Blind && r.CreatedAt > d.At
                          select new { r.ReaderId, r.StudyId, d.At }).ToListAsync(cancellation);
        late.ForEach(l => disclosures.TryAdd((l.ReaderId, l.StudyId), l.At));
        return new(
            requests.ToLookup(r => r.StudyId, r => (r.ReaderId, r.AskedAt)),
            await db.PolicyChanges.AsNoTracking().OrderBy(c => c.Id).ToListAsync(cancellation), disclosures);
    }

    /// <summary>
    /// Those of days drawn by lot where there are any, otherwise all that had an answer of a model of the disease and were not asked for.
    /// Of days drawn by lot only studies whose answer the reader had not seen on an earlier day: the lot did not choose how those were
    /// read.
    /// </summary>
    public ArmCases Of(List<ReaderCase> cases)
    {
        var (answered, ofOther) = (cases.FindAll(c => c.Call(Party.Model) is not null), cases.Count(c => c.IsBesideOtherDisease));
        var unasked = answered.FindAll(
            c => !_requests[c.StudyId].Any(r => (r.ReaderId is null || r.ReaderId == c.ReaderId) && r.AskedAt < c.ReadAt));
        var byLot = unasked.FindAll(IsByLot);
        var compared = byLot.Count > 0 ? byLot.FindAll(c => !IsDisclosedBefore(c)) : unasked;
        return new(
            compared, byLot.Count > 0, answered.Count - unasked.Count, byLot.Count > 0 ? unasked.Count - byLot.Count : 0,
            byLot.Count > 0 ? byLot.Count - compared.Count : 0, cases.Count - answered.Count - ofOther, ofOther);
    }

    bool IsDisclosedBefore(ReaderCase c)
    {
        bool Earlier(Guid to) =>
            _disclosures.TryGetValue((to, c.StudyId), out var at) && at.UtcDateTime.Date < c.ReadAt.UtcDateTime.Date;
        return c.Before is null
            ? Earlier(c.ReaderId) || Earlier(Disclosure.Everybody)
            : _disclosures.ContainsKey((c.ReaderId, c.StudyId));
    }

    // Finished on a day whose lot it follows: one that was begun the day before may not.
    bool IsByLot(ReaderCase c) =>
        ReadingPolicyChange.InForce(_changes, c.ReadAt) is { Policy: ReadingPolicy.RandomisedByDay } change
        && change.On(DateOnly.FromDateTime(c.ReadAt.UtcDateTime))
            == (c.Before is null ? ReadingPolicy.Concurrent : ReadingPolicy.BlindedFirst);
}
