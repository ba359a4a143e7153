using CovidCxr.Learning.Checkpoints;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Laboratory.Models;

/// <summary>
/// At start-up: the active version into memory; where none was ever registered, the starter model. Whatever is wrong with a model is logged
/// and the program starts: X-rays are taken in and read without one, and their analyses wait.
/// </summary>
public sealed class StartModel(
    IDbContextFactory<CovidCxrDbContext> contexts, RegisterModel register, ActivateModel activate, ILogger<StartModel> logger)
{
    /// <param name="starter">Path of the model that comes with the program.</param>
    public async Task RunAsync(string starter, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var active = await db.ModelVersions.Where(m => m.IsActive).Select(m => (Guid?)m.Id).SingleOrDefaultAsync(cancellation);
        var isFirst = !await db.ModelVersions.AnyAsync(cancellation);
        if ((isFirst ? await RegisterAsync(starter, cancellation) : active) is { } chosen)
        {
            if (await activate.RunAsync(chosen, active, actor: null, cancellation) is { } refusal)
            {
                logger.LogError("The active model cannot be served: {Refusal}", refusal);
            }
        }
        else if (!isFirst)
        {
            logger.LogWarning("No model is active: uploads wait until an administrator activates one.");
        }
    }

    async Task<Guid?> RegisterAsync(string starter, CancellationToken cancellation)
    {
        if (!File.Exists(starter))
        {
            logger.LogWarning(
                "The starter model is missing: there is no {Path}. No model is active, and uploads wait until an administrator registers "
                    + "and activates one.",
                starter);
            return null;
        }

        try
        {
            return await register.RunAsync(starter, actor: null, cancellation);
        }
        catch (Exception e) when (e is ModelFileException or IOException)
        {
            logger.LogError(
                "The starter model {Path} cannot be registered, so no model is active and uploads wait: {Reason}", starter, e.Message);
            return null;
        }
    }
}
