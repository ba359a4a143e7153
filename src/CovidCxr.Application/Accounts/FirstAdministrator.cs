using System.Security.Cryptography;
using CovidCxr.Domain.Accounts;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Application.Accounts;

/// <summary>The one-time token with which the first visitor of a new installation creates the administrator. It lives in this process alone.</summary>
public sealed class SetupToken(ILogger<SetupToken> logger)
{
    string? token;

    public bool IsOffered => token is not null;

    /// <summary>Makes a token and writes it to the log, which only the installer reads.</summary>
    public void Offer()
    {
        token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        logger.LogWarning("No account exists. Open /account/setup and create the administrator with this one-time token: {Token}", token);
    }

    public bool Matches(string given) =>
        token is { } expected && CryptographicOperations.FixedTimeEquals(System.Text.Encoding.UTF8.GetBytes(given.Trim()), System.Text.Encoding.UTF8.GetBytes(expected));

    public void Spend() => token = null;
}

/// <summary>Creates the first administrator, once.</summary>
public sealed class CreateFirstAdministrator(IDbContextFactory<CovidCxrDbContext> contexts, CreateAccount create, SetupToken token)
{
    /// <returns>What is wrong, in words; empty where it worked.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(string givenToken, string userName, string password)
    {
        await using var db = await contexts.CreateDbContextAsync();
        if (!token.Matches(givenToken) || await db.Users.AnyAsync())
        {
            return ["The token is wrong or was used already. It stands in the log of this start."];
        }

        var errors = await create.CreateAsync(userName, password, [Role.Admin], actor: null);
        if (errors.Count == 0)
        {
            token.Spend();
        }

        return errors;
    }
}
