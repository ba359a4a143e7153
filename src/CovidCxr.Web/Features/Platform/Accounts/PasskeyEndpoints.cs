using CovidCxr.Platform.Accounts;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Mvc;

namespace CovidCxr.Web.Features.Platform.Accounts;

/// <summary>
/// What account/passkey.js asks. A form's field is asked for in each, so that the antiforgery middleware checks the token.
/// </summary>
static class PasskeyEndpoints
{
    public static void MapPasskeys(this IEndpointRouteBuilder app)
    {
        app.MapPost("/account/passkeys/begin", async (HttpContext context, Passkeys passkeys, [FromForm] string? password) =>
        {
            var (options, refusal) = await passkeys.BeginAsync(password ?? "", context.User.ToActor());
            return Results.Json(new { options, refusal });
        }).RequireAuthorization().RequireRateLimiting(RateLimits.SignIn);

        app.MapPost("/account/passkeys/add", async (
            HttpContext context, Passkeys passkeys, [FromForm] string? credential, [FromForm] string? name) =>
            await passkeys.AddAsync(credential ?? "", name ?? "", context.User.ToActor()) is { } refusal
                ? Results.Json(new { refusal })
                : Results.Json(new { isDone = true })).RequireAuthorization();

        app.MapPost("/account/passkeys/ask", async (Passkeys passkeys, [FromForm(Name = "_")] string? nothing) =>
            Results.Json(new { options = await passkeys.AskAsync() })).AllowAnonymous().RequireRateLimiting(RateLimits.SignIn);

        app.MapPost("/account/passkeys/sign-in", SignInAsync).AllowAnonymous().RequireRateLimiting(RateLimits.SignIn);
    }

    static async Task<IResult> SignInAsync(
        HttpContext context, Passkeys passkeys, [FromForm] string? credential, [FromForm] string? returnUrl) =>
        await passkeys.SignInAsync(credential ?? "", RateLimits.AddressOf(context)) switch
        {
            SignInOutcome.Succeeded => Results.Json(new { address = LocalAddress.Of(returnUrl, context.Request.PathBase) }),
            SignInOutcome.LockedOut => Results.Json(new { refusal = "There were too many wrong passkeys from here. Try again later." }),
            _ => Results.Json(new { refusal = "This passkey opens no account here." }),
        };
}
