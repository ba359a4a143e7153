using CovidCxr.Domain.Models;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Studies;

/// <summary>A version that was accepted for this department, at the threshold that was chosen for it.</summary>
/// <param name="Threshold">At or above it new predictions are positive, 0..1.</param>
public sealed record LocalThreshold(double Threshold, DateTimeOffset AcceptedAt, string AcceptedByName)
{
    /// <summary>Null where the version is not accepted here.</summary>
    internal static async Task<LocalThreshold?> FindAsync(CovidCxrDbContext db, Guid versionId, CancellationToken cancellation)
    {
        var newest = await db.LocalAcceptances.AsNoTracking().Where(a => a.ModelVersionId == versionId)
            .OrderByDescending(a => a.Id).FirstOrDefaultAsync(cancellation);
        var sha256 = newest is null
            ? null
            : await db.ModelVersions.Where(m => m.Id == versionId).Select(m => m.Sha256).SingleAsync(cancellation);
        return sha256 is not null && LocalAcceptance.InForce(newest, sha256) is { } accepted
            ? new(accepted.Threshold, accepted.AcceptedAt, accepted.AcceptedByName)
            : null;
    }
}
