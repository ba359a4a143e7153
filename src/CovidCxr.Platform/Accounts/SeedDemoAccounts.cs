using System.Security.Cryptography;
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

    /// <summary>Readers of a department that is filled for a demonstration. Nobody knows their passwords.</summary>
    public static IReadOnlyList<string> Colleagues { get; } = ["second.reader@demo.local", "third.reader@demo.local"];

    /// <summary>Adds the colleagues who are not there yet.</summary>
    /// <exception cref="InvalidOperationException">One cannot be created.</exception>
    public async Task AddColleaguesAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        foreach (var name in Colleagues)
        {
            if (!await db.Users.AnyAsync(u => u.UserName == name, cancellation))
            {
                await CreateAsync(name, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)), Role.Radiologist);
            }
        }
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var present = await db.Users.Select(u => u.UserName!).ToListAsync(cancellation);
        if (present.Except(All.Select(a => a.UserName)).Except(Colleagues).Any())
        {
            // Somebody works here: no accounts with public passwords among theirs.
            return;
        }

        // What an interrupted start left out is made up for.
        foreach (var account in All.Where(a => !present.Contains(a.UserName)))
        {
            await CreateAsync(account.UserName, account.Password, account.Role);
        }

        foreach (var account in All)
        {
            logger.LogInformation(
                "Demo account: {UserName}, first password {Password}, role {Role}", account.UserName, account.Password, account.Role);
        }
    }

    async Task CreateAsync(string name, string password, string role)
    {
        var errors = await create.CreateAsync(name, password, [role], actor: null);
        if (errors.Count > 0)
        {
            throw new InvalidOperationException($"The demo account {name} cannot be created: {string.Join(" ", errors)}");
        }
    }
}
