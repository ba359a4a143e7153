using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Comparison;

/// <summary>
/// Tells one state of the compared data from another. Readings, findings and changes of studies are only ever added, and nothing else
/// changes what they refer to. So equal counts with equal last ids mean equal data.
/// </summary>
readonly record struct CaseVersion(int Readings, Guid? LastReading, int Findings, Guid? LastFinding, long LastChange)
{
    public static async Task<CaseVersion> CurrentAsync(CovidCxrDbContext db, CancellationToken cancellation) => new(
        await db.Readings.CountAsync(cancellation),
        await db.Readings.OrderByDescending(r => r.Id).Select(r => (Guid?)r.Id).FirstOrDefaultAsync(cancellation),
        await db.ReferenceFindings.CountAsync(cancellation),
        await db.ReferenceFindings.OrderByDescending(f => f.Id).Select(f => (Guid?)f.Id).FirstOrDefaultAsync(cancellation),
        await LastChangeAsync(db, cancellation));

    public static async Task<long> LastChangeAsync(CovidCxrDbContext db, CancellationToken cancellation) =>
        await db.StudyChanges.MaxAsync(c => (long?)c.Id, cancellation) ?? 0;
}

/// <summary>
/// Keeps the newest version of the cases, and no older one. Every call asks the database whether it still is the newest. Where it is not,
/// the newer rows are read. Where these are many, all rows are.
/// </summary>
public sealed class CaseCache(IDbContextFactory<CovidCxrDbContext> contexts) : IDisposable
{
    readonly SemaphoreSlim _loading = new(1);
    CaseSet? _newest;

    internal async Task<CaseSet> GetAsync(CovidCxrDbContext db, CancellationToken cancellation)
    {
        await _loading.WaitAsync(cancellation);
        try
        {
            var version = await CaseVersion.CurrentAsync(db, cancellation);
            if (_newest?.Version != version)
            {
                var newer = _newest is null ? null : await CaseRows.NewerAsync(db, _newest, version, cancellation);
                // One loading at a time. Whoever asks next needs its result too, so it goes on when the one who began it leaves.
                _newest = newer is null ? null : _newest!.Continue(newer);
                _newest ??= CaseSet.Empty.Continue(await CaseRows.AllAsync(contexts, CancellationToken.None))!;
            }

            return _newest;
        }
        finally
        {
            _loading.Release();
        }
    }

    public void Dispose() => _loading.Dispose();
}
