using System.Security.Claims;
using CovidCxr.Domain.Accounts;

namespace CovidCxr.Web.Shared.Security;

public static class CurrentActor
{
    /// <summary>The signed-in person as the use cases know one.</summary>
    public static Actor ToActor(this ClaimsPrincipal principal) => new(
        Guid.Parse(principal.FindFirstValue(ClaimTypes.NameIdentifier)!), principal.Identity!.Name!,
        principal.FindAll(ClaimTypes.Role).Select(c => c.Value).ToHashSet());
}
