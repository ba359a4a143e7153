using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Identity;

namespace CovidCxr.Platform.Accounts;

/// <summary>Adds an account with a first password, which the person has to change (<see cref="GivenPassword"/>).</summary>
public sealed class CreateAccount(UserManager<Account> accounts, AuditLog audit)
{
    /// <param name="fullName">What the person is called; null or blank where nobody says.</param>
    /// <returns>What is wrong, in words; empty where it worked.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(
        string userName, string password, IReadOnlyCollection<string> roles, Actor actor, string? fullName = null)
    {
        actor.Demand(Role.Admin);
        return await CreateAsync(userName, password, roles, actor, fullName);
    }

    internal async Task<IReadOnlyList<string>> CreateAsync(
        string userName, string password, IReadOnlyCollection<string> roles, Actor? actor, string? fullName = null)
    {
        if (ChangeAccount.RefusalOfName(fullName) is { } refusal)
        {
            return await RefuseAsync(actor, [refusal]);
        }

        if (roles.Count == 0 || roles.Except(Role.All).Any())
        {
            return await RefuseAsync(actor, ["Choose at least one role."]);
        }

        var account = new Account
        {
            Id = Guid.CreateVersion7(),
            UserName = userName.Trim(),
            Email = userName.Trim(),
            FullName = ChangeAccount.Trimmed(fullName),
        };
        var result = await accounts.CreateAsync(account, password);
        if (!result.Succeeded)
        {
            return await RefuseAsync(actor, [.. result.Errors.Select(e => e.Description)]);
        }

        if (actor is not null && !await accounts.MarkGivenAsync(account))
        {
            return await RefuseAsync(actor, ["The account is there, but its password need not be changed yet. Give it a new one."]);
        }

        await accounts.AddToRolesAsync(account, roles);
        await audit.RecordAsync(
            actor, AuditAction.AccountCreate, AuditOutcome.Succeeded, detail: $"{account.UserName}: {string.Join(", ", roles)}");
        return [];
    }

    Task<IReadOnlyList<string>> RefuseAsync(Actor? actor, IReadOnlyList<string> errors) =>
        audit.RefuseAsync(actor, AuditAction.AccountCreate, errors);
}
