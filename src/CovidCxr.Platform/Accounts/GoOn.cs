using System.Security.Claims;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;

namespace CovidCxr.Platform.Accounts;

static class GoOn
{
    /// <summary>
    /// Begins a person's session anew where all others end. As Identity refreshes a sign-in, with whatever else tells how the person came
    /// in.
    /// </summary>
    /// <param name="hasTwoFactors">Null where that stays as it was.</param>
    public static async Task GoOnAsync(this SignInManager<Account> manager, Account account, bool? hasTwoFactors = null)
    {
        var session = await manager.Context.AuthenticateAsync(manager.AuthenticationScheme);
        var claims = session.Principal?.FindAll(Sessions.TellsHow).Select(c => c.Clone()).ToList() ?? [];
        if (hasTwoFactors is { } has)
        {
            claims.RemoveAll(c => c.Type == SecondFactor.MethodClaim);
            claims.AddRange(has ? [new Claim(SecondFactor.MethodClaim, SecondFactor.TwoFactors)] : []);
        }

        await manager.SignInWithClaimsAsync(account, session.Properties, claims);
    }
}
