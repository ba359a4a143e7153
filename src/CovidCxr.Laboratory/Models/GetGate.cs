using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Models;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CovidCxr.Laboratory.Models;

/// <param name="ActiveId">The version that is active now; null for none. Likewise its file's hash.</param>
public sealed record GateView(
    Guid Id, int Number, string Name, ModelState State, Guid? ActiveId, string? ActiveSha256, Acceptance Acceptance);

/// <summary>One version at the gate. Null where there is none with this id, or the person may not see it yet.</summary>
public sealed class GetGate(IDbContextFactory<CovidCxrDbContext> contexts, IOptions<ModelOptions> options)
{
    public async Task<GateView?> RunAsync(Guid versionId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand([.. Role.All]);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (await db.ModelVersions.AsNoTracking().SingleOrDefaultAsync(m => m.Id == versionId, cancellation) is not { } version
            || !ListModels.MaySee(actor, version))
        {
            return null;
        }

        var active = await db.ModelVersions.AsNoTracking().SingleOrDefaultAsync(m => m.IsActive, cancellation);
        return new(
            version.Id, version.Number, version.Name, version.State, active?.Id, active?.Sha256,
            await Acceptance.ReadAsync(db, version, options.Value, cancellation));
    }
}
