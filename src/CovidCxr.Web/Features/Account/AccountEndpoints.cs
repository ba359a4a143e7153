using CovidCxr.Application.Accounts;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Mvc;

namespace CovidCxr.Web.Features.Account;

static class AccountEndpoints
{
    public static void MapAccount(this IEndpointRouteBuilder app)
    {
        // A form's field is asked for, so that the antiforgery middleware checks the token.
        app.MapPost("/account/sign-out", async (HttpContext context, SignOut signOut, [FromForm] string? reason) =>
        {
            await signOut.RunAsync(context.User.ToActor());
            return Results.LocalRedirect("/account/sign-in");
        }).RequireAuthorization();

        // An open page is a circuit and sends no requests; while its person is active, this keeps the cookie young.
        app.MapGet("/account/alive", () => Results.NoContent()).RequireAuthorization();
    }
}
