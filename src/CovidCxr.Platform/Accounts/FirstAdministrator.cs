using System.Security.Cryptography;
using System.Text;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Platform.Accounts;

/// <summary>
/// The one-time token with which the first visitor of a new installation creates the administrator. It lives in this process alone.
/// </summary>
public sealed class SetupToken(ILogger<SetupToken> logger)
{
    string? _token;

    public bool IsOffered => _token is not null;

    /// <summary>Makes a token and writes it to the log, which only the installer reads.</summary>
    public void Offer()
    {
        _token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        logger.LogWarning("No account exists. Open /account/setup and create the administrator with this one-time token: {Token}", _token);
    }

    /// <summary>True for one caller at most: whoever gets it alone may create the administrator.</summary>
    public bool TryTake(string given) =>
        _token is { } expected
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given.Trim()), Encoding.UTF8.GetBytes(expected))
        && ReferenceEquals(Interlocked.CompareExchange(ref _token, null, expected), expected);

    /// <summary>After an attempt that created nobody.</summary>
    public void GiveBack(string given) => _token = given.Trim();
}

/// <summary>Creates the first administrator, once.</summary>
public sealed class CreateFirstAdministrator(
    IDbContextFactory<CovidCxrDbContext> contexts, CreateAccount create, SetupToken token, AuditLog audit)
{
    /// <returns>What is wrong, in words; empty where it worked.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(string givenToken, string userName, string password)
    {
        if (!token.TryTake(givenToken))
        {
            await audit.RecordAsync(null, AuditAction.AccountCreate, AuditOutcome.Refused, detail: "setup token");
            return ["The token is wrong or was used already. It stands in the log of this start."];
        }

        var isDone = false;
        try
        {
            await using var db = await contexts.CreateDbContextAsync();
            var errors = await IsNeededAsync(db, CancellationToken.None)
                ? await create.CreateAsync(userName, password, [Role.Admin], actor: null)
                : ["There is an administrator already."];
            isDone = errors.Count == 0;
            return errors;
        }
        finally
        {
            if (!isDone)
            {
                token.GiveBack(givenToken);
            }
        }
    }

    /// <summary>Whether nobody administers: also after a crash between an account and its role.</summary>
    internal static async Task<bool> IsNeededAsync(CovidCxrDbContext db, CancellationToken cancellation) =>
        !await (from ur in db.UserRoles
                join r in db.Roles on ur.RoleId equals r.Id
                where r.Name == Role.Admin
                select ur).AnyAsync(cancellation);
}
