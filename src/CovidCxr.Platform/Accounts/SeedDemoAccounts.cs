using CovidCxr.Domain.Accounts;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Platform.Accounts;

public sealed record DemoAccount(string UserName, string Password, string Role);

/// <summary>Three accounts to try the program with, in Development only: their passwords stand in the source.</summary>
public sealed class SeedDemoAccounts(IDbContextFactory<CovidCxrDbContext> contexts, CreateAccount create, ILogger<SeedDemoAccounts> logger)
{
    public static IReadOnlyList<DemoAccount> All { get; } =
    [
        new("radiologist@demo.local", "lantern-fjord-cobalt-42", Role.Radiologist),
        new("lead@demo.local", "meadow-sextant-amber-17", Role.DepartmentLead),
        new("admin@demo.local", "harbour-quartz-violet-88", Role.Admin),
    ];

    public async Task RunAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var present = await db.Users.Select(u => u.UserName!).ToListAsync(cancellation);
        if (present.Except(All.Select(a => a.UserName)).Any())
        {
            // Somebody works here: no accounts with public passwords among theirs.
            return;
        }

        // What an interrupted start left out is made up for.
        foreach (var account in All.Where(a => !present.Contains(a.UserName)))
        {
            var errors = await create.CreateAsync(account.UserName, account.Password, [account.Role], actor: null);
            if (errors.Count > 0)
            {
                throw new InvalidOperationException($"The demo account {account.UserName} cannot be created: {string.Join(" ", errors)}");
            }
        }

        foreach (var account in All)
        {
            logger.LogInformation(
                "Demo account: {UserName}, first password {Password}, role {Role}", account.UserName, account.Password, account.Role);
        }
    }
}
