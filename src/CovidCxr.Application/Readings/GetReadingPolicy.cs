using CovidCxr.Domain.Readings;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Application.Readings;

public sealed record PolicyHistory(ReadingPolicy Current, IReadOnlyList<ReadingPolicyChange> Changes);

/// <summary>The department's policy with its history, newest first.</summary>
public sealed class GetReadingPolicy(IDbContextFactory<CovidCxrDbContext> contexts)
{
    public async Task<PolicyHistory> RunAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var changes = await db.PolicyChanges.AsNoTracking().OrderByDescending(c => c.Id).ToListAsync(cancellation);
        return new(changes.Count > 0 ? changes[0].Policy : ReadingPolicy.BlindedFirst, changes);
    }

    internal static async Task<ReadingPolicy> CurrentAsync(CovidCxrDbContext db, CancellationToken cancellation) =>
        await db.PolicyChanges.OrderByDescending(c => c.Id).Select(c => (ReadingPolicy?)c.Policy).FirstOrDefaultAsync(cancellation) ?? ReadingPolicy.BlindedFirst;
}
