using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.Accounts;

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

    /// <summary>Whether nobody who may sign in administers: also after a crash between an account and its role.</summary>
    internal static async Task<bool> IsNeededAsync(CovidCxrDbContext db, CancellationToken cancellation) =>
        !await (from ur in db.UserRoles
                join r in db.Roles on ur.RoleId equals r.Id
                join u in db.Users on ur.UserId equals u.Id
                where r.Name == Role.Admin && !u.IsDisabled
                select ur).AnyAsync(cancellation);
}
