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
            await sessions.EndAsync(context.User);
            await signOut.RunAsync(context.User.ToActor(), isIdle: reason == "idle");
            return Results.LocalRedirect("~/account/sign-in");
        }).RequireAuthorization();

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
}
