using CovidCxr.Domain.Accounts;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Runs;

/// <summary>A registered version that a training may start from.</summary>
public sealed record InitialModelView(Guid Id, int Number, string Name, string Architecture, bool IsActive);

/// <summary>Every registered version, the newest first, for the form of a training.</summary>
public sealed class ListInitialModels(IDbContextFactory<CovidCxrDbContext> contexts)
{
    public async Task<IReadOnlyList<InitialModelView>> RunAsync(Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await db.ModelVersions.OrderByDescending(m => m.Number)
            .Select(m => new InitialModelView(m.Id, m.Number, m.Name, m.Architecture, m.IsActive)).ToListAsync(cancellation);
    }
}
