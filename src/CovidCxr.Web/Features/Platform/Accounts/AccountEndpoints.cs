using System.Security.Claims;
using CovidCxr.Platform.Accounts;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace CovidCxr.Web.Features.Platform.Accounts;

static class AccountEndpoints
{
    public static void MapAccount(this IEndpointRouteBuilder app)
    {
        // A form's field is asked for, so that the antiforgery middleware checks the token.
        app.MapPost("/account/sign-out", SignOutAsync).RequireAuthorization();

        // One of a person's own sessions, or all the others.
        app.MapPost("/account/sessions/end", async (HttpContext context, Sessions sessions, [FromForm] string? session) =>
        {
            Guid? one = Guid.TryParse(session, out var id) ? id : null;
            if (one is null && !string.IsNullOrEmpty(session))
            {
                return Results.BadRequest();
            }

            await sessions.EndOwnAsync(one, context.User, context.User.ToActor());
            return Results.LocalRedirect("~/account/password");
        }).RequireAuthorization();

        // An open page is a circuit and sends no requests; while its person is active, this keeps the session open.
        app.MapGet("/account/alive", () => Results.NoContent()).RequireAuthorization();
    }

    static async Task<IResult> SignOutAsync(
        HttpContext context, SignOut signOut, Sessions sessions, IOptions<AccountOptions> options, [FromForm] string? reason)
    {
        var (isIdle, issuer) = (reason == "idle", context.User.FindFirstValue(Sessions.IssuerClaim));
        var provider = options.Value.Providers.FirstOrDefault(p => p.Issuer == issuer);
        // Who walked away is signed out here alone: the provider may serve other programs that go on.
        var address = isIdle ? null : await ProviderEndpoints.EndAddressAsync(context, provider);
        await sessions.EndAsync(context.User);
        await signOut.RunAsync(context.User.ToActor(), isIdle);
        return address is null
            ? Results.LocalRedirect("~/account/sign-in")
            : new RazorComponentResult<LeavingPage>(new
            {
                Title = "You are signed out here",
                Provider = provider!.Name,
                Address = address,
                PathBase = context.Request.PathBase.Value,
            });
    }
}
