using CovidCxr.Domain.Accounts;
using CovidCxr.Platform.Accounts;
using CovidCxr.Platform.Nodes;
using CovidCxr.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform;

/// <summary>What must be so before the first request.</summary>
public static class StartUp
{
    /// <summary>What one of several programs does at a time, by <see cref="OneAtWork"/>.</summary>
    public const string Work = "start";

    /// <summary>Schema, roles, accounts or a setup token.</summary>
    /// <param name="isDemo">Development: seeds accounts whose passwords are public.</param>
    public static async Task PrepareCovidCxrAsync(this IServiceProvider services, bool isDemo, CancellationToken cancellation)
    {
        // Before anything else reads its options one by one: every mistake of the configuration at once.
        services.GetService<IStartupValidator>()?.Validate();
        await using var scope = services.CreateAsyncScope();
        var provider = scope.ServiceProvider;
        var contexts = provider.GetRequiredService<IDbContextFactory<CovidCxrDbContext>>();
        await provider.GetRequiredService<DatabaseSchema>().UpdateAsync(cancellation);
        // Several programs may be started at once.
        await provider.GetRequiredService<OneAtWork>().RunAsync(
            Work, c => PrepareAsync(provider, contexts, isDemo, c), wait: null, cancellation);
    }

    static async Task PrepareAsync(
        IServiceProvider provider, IDbContextFactory<CovidCxrDbContext> contexts, bool isDemo, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        // The first program makes the keys of cookies that the others then find.
        _ = provider.GetRequiredService<IDataProtectionProvider>().CreateProtector(Work).Protect([]);
        var roles = provider.GetRequiredService<RoleManager<IdentityRole<Guid>>>();
        foreach (var role in Role.All)
        {
            if (!await roles.RoleExistsAsync(role))
            {
                await roles.CreateAsync(new IdentityRole<Guid>(role) { Id = Guid.CreateVersion7() });
            }
        }

        if (isDemo)
        {
            await provider.GetRequiredService<SeedDemoAccounts>().RunAsync(cancellation);
        }
        else if (await CreateFirstAdministrator.IsNeededAsync(db, cancellation))
        {
            provider.GetRequiredService<SetupToken>().Offer();
        }
    }
}
