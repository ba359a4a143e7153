using CovidCxr.Platform.Accounts;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace CovidCxr.Web.Features.Platform.Accounts;

/// <summary>
/// What account/ask-again.js asks in place of a password. A form's field is asked for in each, so that the antiforgery middleware checks
/// the token.
/// </summary>
static class ConfirmEndpoints
{
    public static void MapConfirm(this IEndpointRouteBuilder app)
    {
        var confirm = app.MapGroup("/account/confirm").RequireAuthorization().RequireRateLimiting(RateLimits.SignIn);
        confirm.MapPost("/ask", async (HttpContext context, ConfirmByPasskey passkey, [FromForm] string? act) =>
        {
            var (options, refusal) = await passkey.BeginAsync(act ?? "", context.User.ToActor());
            return Results.Json(new { options, refusal });
        });

        confirm.MapPost("/passkey", async (HttpContext context, ConfirmByPasskey passkey, [FromForm] string? credential) =>
            await passkey.CompleteAsync(credential ?? "", context.User.ToActor()) is { } refusal
                ? Results.Json(new { refusal })
                : Results.Json(new { isDone = true }));

        confirm.MapPost("/provider", LeaveAsync);
    }

    static async Task<IResult> LeaveAsync(
        HttpContext context, ConfirmByProvider confirm, IOptions<AccountOptions> options, [FromForm] string? act,
        [FromForm] string? provider, [FromForm] string? returnUrl)
    {
        var known = options.Value.Providers.FirstOrDefault(p => p.Id == provider);
        if (known is null || await confirm.BeginAsync(act ?? "", known.Id, context.User.ToActor()) is not { } question)
        {
            return Results.Json(new { refusal = "This cannot be confirmed there." });
        }

        var properties = new AuthenticationProperties
        {
            RedirectUri = LocalAddress.Of(returnUrl, context.Request.PathBase),
            Items = { [ProviderAnswer.QuestionKey] = $"{question.Id}" },
        };
        AskAnew.Demand(context, properties);
        return await IdentityProviders.ChallengeAddressAsync(context, known, properties) is { } address
            ? Results.Json(new { address })
            : Results.Json(new { refusal = ProviderWords.Of($"{ProviderRefusal.Unreachable}", known.Id, options.Value) });
    }
}
