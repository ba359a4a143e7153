using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Identity;

namespace CovidCxr.Platform.Accounts;

/// <summary>Adds an account with a first password.</summary>
public sealed class CreateAccount(UserManager<Account> accounts, AuditLog audit)
{
    /// <returns>What is wrong, in words; empty where it worked.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(string userName, string password, IReadOnlyCollection<string> roles, Actor actor)
    {
        actor.Demand(Role.Admin);
        return await CreateAsync(userName, password, roles, actor);
    }

    internal async Task<IReadOnlyList<string>> CreateAsync(
        string userName, string password, IReadOnlyCollection<string> roles, Actor? actor)
    {
        if (roles.Count == 0 || roles.Except(Role.All).Any())
        {
            return await RefuseAsync(actor, ["Choose at least one role."]);
        }

        var account = new Account { Id = Guid.CreateVersion7(), UserName = userName.Trim(), Email = userName.Trim() };
        var result = await accounts.CreateAsync(account, password);
        if (!result.Succeeded)
        {
            return await RefuseAsync(actor, [.. result.Errors.Select(e => e.Description)]);
        }

        await accounts.AddToRolesAsync(account, roles);
        await audit.RecordAsync(
            actor, AuditAction.AccountCreate, AuditOutcome.Succeeded, detail: $"{account.UserName}: {string.Join(", ", roles)}");
        return [];
    }

    Task<IReadOnlyList<string>> RefuseAsync(Actor? actor, IReadOnlyList<string> errors) =>
        audit.RefuseAsync(actor, AuditAction.AccountCreate, errors);
}
