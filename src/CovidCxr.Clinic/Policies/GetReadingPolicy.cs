using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Policies;

/// <param name="Current">As the lead set it.</param>
/// <param name="Today">What it means today: blinded first or concurrent.</param>
public sealed record PolicyHistory(ReadingPolicy Current, ReadingPolicy Today, IReadOnlyList<ReadingPolicyChange> Changes);

/// <summary>The department's policy with its history, newest first. Days are UTC's.</summary>
public sealed class GetReadingPolicy(IDbContextFactory<CovidCxrDbContext> contexts, TimeProvider time)
{
    DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    public async Task<PolicyHistory> RunAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var changes = await db.PolicyChanges.AsNoTracking().OrderByDescending(c => c.Id).ToListAsync(cancellation);
        return changes is [var newest, ..]
            ? new(newest.Policy, newest.On(Today), changes)
            : new(ReadingPolicy.BlindedFirst, ReadingPolicy.BlindedFirst, changes);
    }

    /// <summary>Blinded first or concurrent.</summary>
    internal async Task<ReadingPolicy> TodayAsync(CovidCxrDbContext db, CancellationToken cancellation) =>
        (await db.PolicyChanges.AsNoTracking().OrderByDescending(c => c.Id).FirstOrDefaultAsync(cancellation))?.On(Today)
            ?? ReadingPolicy.BlindedFirst;

    /// <summary>For one person and study: who is asked to read it reads it blinded, whatever the department does.</summary>
    internal async Task<ReadingPolicy> TodayAsync(CovidCxrDbContext db, Guid studyId, Actor actor, CancellationToken cancellation) =>
        await db.ReadRequests.AnyAsync(r => r.StudyId == studyId && (r.ReaderId == actor.UserId || r.ReaderId == null), cancellation)
            ? ReadingPolicy.BlindedFirst
            : await TodayAsync(db, cancellation);
}
