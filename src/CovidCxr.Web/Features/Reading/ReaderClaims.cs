using System.Security.Claims;
using CovidCxr.Domain.Accounts;

namespace CovidCxr.Web.Features.Reading;

static class ReaderClaims
{
    public static Actor ToActor(this ClaimsPrincipal user) => new(
        Guid.Parse(user.FindFirstValue(ClaimTypes.NameIdentifier)!), user.Identity!.Name!, user.FindAll(ClaimTypes.Role).Select(c => c.Value).ToHashSet());
}
