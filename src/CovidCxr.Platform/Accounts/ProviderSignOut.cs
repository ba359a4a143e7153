using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Identity;

namespace CovidCxr.Platform.Accounts;

/// <summary>
/// An identity provider ends what it vouched for: one of its sessions, or all of a person's (OpenID Connect Back-Channel Logout 1.0,
/// section 2.7). Those by a password go on.
/// </summary>
public sealed class ProviderSignOut(UserManager<Account> accounts, Sessions sessions, AuditLog audit)
{
    /// <param name="subject">Null where the token names the session alone, which section 2.4 allows.</param>
    /// <param name="session">The provider's session; null for all of the person's.</param>
    /// <returns>How many sessions ended.</returns>
    public async Task<int> RunAsync(ProviderOptions provider, string? subject, string? session)
    {
        var account = subject is null ? null : await accounts.FindByLoginAsync(provider.Issuer, subject);
        if (subject is not null && account is null)
        {
            return 0;
        }

        var ended = await sessions.EndOfProviderAsync(provider.Issuer, account?.Id, session);
        await audit.RecordAsync(
            account is null ? null : SignIn.ActorOf(account), AuditAction.SignOut, AuditOutcome.Succeeded,
            detail: $"{ended} sessions, by {provider.Id}");
        return ended;
    }
}
