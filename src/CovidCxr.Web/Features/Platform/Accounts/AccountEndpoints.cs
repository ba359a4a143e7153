using CovidCxr.Platform.Accounts;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Mvc;

namespace CovidCxr.Web.Features.Platform.Accounts;

static class AccountEndpoints
{
    public static void MapAccount(this IEndpointRouteBuilder app)
    {
        // A form's field is asked for, so that the antiforgery middleware checks the token.
        app.MapPost("/account/sign-out", async (HttpContext context, SignOut signOut, Sessions sessions, [FromForm] string? reason) =>
        {
            sessions.End(context.User);
            await signOut.RunAsync(context.User.ToActor(), isIdle: reason == "idle");
            return Results.LocalRedirect("~/account/sign-in");
        }).RequireAuthorization();

        // An open page is a circuit and sends no requests; while its person is active, this keeps the session open.
        app.MapGet("/account/alive", () => Results.NoContent()).RequireAuthorization();
    }
}
