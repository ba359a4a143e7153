using System.Security.Claims;
using CovidCxr.Domain.Accounts;
using CovidCxr.Platform.Accounts;

namespace CovidCxr.Web.Shared.Security;

public static class CurrentActor
{
    /// <summary>The claim of where a request came from. A circuit keeps that of the request that opened it.</summary>
    public const string SourceClaim = "source";

    /// <summary>The signed-in person as the use cases know one.</summary>
    public static Actor ToActor(this ClaimsPrincipal principal) => new(
        Guid.Parse(principal.FindFirstValue(ClaimTypes.NameIdentifier)!), principal.Identity!.Name!,
        principal.FindAll(ClaimTypes.Role).Select(c => c.Value).ToHashSet())
    {
        Source = principal.FindFirstValue(SourceClaim),
        Session = Sessions.IdOf(principal),
        HasTwoFactors = principal.HasClaim(SecondFactor.MethodClaim, SecondFactor.TwoFactors),
    };

    /// <summary>Says where this request of a person's came from.</summary>
    public static void ComesFrom(this ClaimsPrincipal principal, string address)
    {
        if (principal.Identity is ClaimsIdentity identity)
        {
            // A cookie that was renewed may hold the one of before.
            foreach (var old in identity.FindAll(SourceClaim).ToList())
            {
                identity.RemoveClaim(old);
            }

            identity.AddClaim(new(SourceClaim, address));
        }
    }
}
