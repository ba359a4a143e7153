using System.Security.Claims;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Identity;

namespace CovidCxr.Platform.Accounts;

/// <summary>Whether a session still belongs to an account as it is now.</summary>
public sealed class CheckSession(SignInManager<Account> manager)
{
    public async Task<bool> RunAsync(ClaimsPrincipal principal) =>
        await manager.ValidateSecurityStampAsync(principal) is { IsDisabled: false };
}
