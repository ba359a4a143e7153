using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Comparison;

/// <summary>
/// What the comparison reads from: readings and findings are only ever added, and what they refer to does not change, so that as many of both with the same
/// last ones are the same data.
/// </summary>
readonly record struct CaseVersion(int Readings, Guid? LastReading, int Findings, Guid? LastFinding)
{
    public static async Task<CaseVersion> CurrentAsync(CovidCxrDbContext db, CancellationToken cancellation) => new(
        await db.Readings.CountAsync(cancellation), await db.Readings.OrderByDescending(r => r.Id).Select(r => (Guid?)r.Id).FirstOrDefaultAsync(cancellation),
        await db.ReferenceFindings.CountAsync(cancellation), await db.ReferenceFindings.OrderByDescending(f => f.Id).Select(f => (Guid?)f.Id).FirstOrDefaultAsync(cancellation));
}

/// <summary>
/// Keeps the newest version of the cases alone. Every call asks the database whether it still is the newest; where it is not, what is newer alone is read, as long as it
/// is little.
/// </summary>
public sealed class CaseCache(IDbContextFactory<CovidCxrDbContext> contexts) : IDisposable
{
    readonly SemaphoreSlim loading = new(1);
    CaseSet? newest;

    internal async Task<CaseSet> GetAsync(CovidCxrDbContext db, CancellationToken cancellation)
    {
        await loading.WaitAsync(cancellation);
        try
        {
            var version = await CaseVersion.CurrentAsync(db, cancellation);
            if (newest?.Version != version)
            {
                var newer = newest is null ? null : await CaseRows.NewerAsync(db, newest, version, cancellation);
                // Not two sets at a time; and whoever asks next needs all of it too, so that nobody's leaving ends the loading.
                newest = newer is null ? null : newest!.Continue(newer);
                newest ??= CaseSet.Empty.Continue(await CaseRows.AllAsync(contexts, CancellationToken.None))!;
            }

            return newest;
        }
        finally
        {
            loading.Release();
        }
    }

    public void Dispose() => loading.Dispose();
}
