using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Policies;

/// <param name="Current">As the lead set it.</param>
/// <param name="Today">What it means today: blinded first or concurrent.</param>
/// <param name="Next">The change that will begin next; null where none is set down.</param>
/// <param name="Replaced">Changes that another one replaced before they began.</param>
public sealed record PolicyHistory(
    ReadingPolicy Current, ReadingPolicy Today, IReadOnlyList<ReadingPolicyChange> Changes, ReadingPolicyChange? Next,
    IReadOnlySet<long> Replaced);

/// <summary>The department's policy with its history, newest first. Days are UTC's.</summary>
public sealed class GetReadingPolicy(IDbContextFactory<CovidCxrDbContext> contexts, TimeProvider time)
{
    DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    public async Task<PolicyHistory> RunAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var changes = await db.PolicyChanges.AsNoTracking().OrderBy(c => c.Id).ToListAsync(cancellation);
        var now = time.GetUtcNow();
        var current = ReadingPolicyChange.InForce(changes, now);
        var standing = ReadingPolicyChange.Standing(changes);
        return new(
            current?.Policy ?? ReadingPolicy.BlindedFirst,
            current?.On(Today) ?? ReadingPolicy.BlindedFirst,
            [.. changes.AsEnumerable().Reverse()],
            standing.Where(c => c.Begins > now).MinBy(c => c.Begins), changes.Except(standing).Select(c => c.Id).ToHashSet());
    }

    /// <summary>Blinded first or concurrent.</summary>
    internal async Task<ReadingPolicy> TodayAsync(CovidCxrDbContext db, CancellationToken cancellation) =>
        // A handful of rows: a department changes its mind a few times a year.
        ReadingPolicyChange.InForce(
            await db.PolicyChanges.AsNoTracking().OrderBy(c => c.Id).ToListAsync(cancellation), time.GetUtcNow())?.On(Today)
            ?? ReadingPolicy.BlindedFirst;

    /// <summary>For one person and study: who is asked to read it reads it blinded, whatever the department does.</summary>
    internal async Task<ReadingPolicy> TodayAsync(CovidCxrDbContext db, Guid studyId, Actor actor, CancellationToken cancellation) =>
        await db.ReadRequests.AnyAsync(r => r.StudyId == studyId && (r.ReaderId == actor.UserId || r.ReaderId == null), cancellation)
            ? ReadingPolicy.BlindedFirst
            : await TodayAsync(db, cancellation);
}
