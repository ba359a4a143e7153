using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Application.Models;

/// <summary>At start-up: the active version into memory; where none was ever registered, the starter model.</summary>
public sealed class StartModel(IDbContextFactory<CovidCxrDbContext> contexts, RegisterModel register, ActivateModel activate, ILogger<StartModel> logger)
{
    public async Task RunAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var active = await db.ModelVersions.Where(m => m.IsActive).Select(m => (Guid?)m.Id).SingleOrDefaultAsync(cancellation);
        var chosen = active;
        if (!await db.ModelVersions.AnyAsync(cancellation) && File.Exists(StarterModel.Path))
        {
            chosen = await register.RunAsync(StarterModel.Path, actor: null, cancellation);
        }

        if (chosen is null)
        {
            logger.LogWarning("No model is active: uploads wait until an administrator activates one.");
        }
        else if (await activate.RunAsync(chosen.Value, active, actor: null, cancellation) is { } refusal)
        {
            logger.LogError("The active model cannot be served: {Refusal}", refusal);
        }
    }
}
