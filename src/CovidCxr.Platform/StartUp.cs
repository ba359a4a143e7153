using CovidCxr.Domain.Accounts;
using CovidCxr.Platform.Accounts;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform;

/// <summary>What must be so before the first request.</summary>
public static class StartUp
{
    /// <summary>Schema, roles, accounts or a setup token.</summary>
    /// <param name="isDemo">Development: seeds accounts whose passwords are public.</param>
    public static async Task PrepareCovidCxrAsync(this IServiceProvider services, bool isDemo, CancellationToken cancellation)
    {
        // Before anything else reads its options one by one: every mistake of the configuration at once.
        services.GetService<IStartupValidator>()?.Validate();
        await using var scope = services.CreateAsyncScope();
        var provider = scope.ServiceProvider;
        var contexts = provider.GetRequiredService<IDbContextFactory<CovidCxrDbContext>>();
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await provider.GetRequiredService<DatabaseSchema>().UpdateAsync(cancellation);

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
