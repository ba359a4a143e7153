using CovidCxr.Platform.Accounts;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace CovidCxr.Web.Features.Platform.Accounts;

static class ProviderEndpoints
{
    public static void MapProviders(this IEndpointRouteBuilder app)
    {
        // A link, since a form would be kept from leading to another host.
        app.MapGet("/account/providers/{provider}", BeginAsync).AllowAnonymous().RequireRateLimiting(RateLimits.ProviderSignIn);

        // From the provider's server; a signed token stands in for a session and its form's token.
        app.MapPost("/account/providers/{provider}/sign-out", EndAsync)
            .AllowAnonymous().DisableAntiforgery().RequireRateLimiting(RateLimits.ProviderSignOut);
    }

    /// <summary>Where a person who signs out here is sent, so that the provider's session ends as well.</summary>
    /// <returns>Null where no provider vouched for the session, or it has no such address.</returns>
    public static async Task<string?> EndAddressAsync(HttpContext context, ProviderOptions? provider)
    {
        if (provider is null
            || await IdentityProviders.ReadMetadataAsync(context, provider) is not { EndSessionEndpoint: { Length: > 0 } end })
        {
            return null;
        }

        return new OpenIdConnectMessage
        {
            IssuerAddress = end,
            ClientId = provider.ClientId,
            IdTokenHint = await context.GetTokenAsync("id_token"),
            PostLogoutRedirectUri = $"{context.Request.Scheme}://{context.Request.Host}{context.Request.PathBase}/account/sign-in",
            EnableTelemetryParameters = false,
        }.CreateLogoutRequestUrl();
    }

    static async Task<IResult> BeginAsync(HttpContext context, string provider, string? returnUrl, IOptions<AccountOptions> options)
    {
        if (options.Value.Providers.FirstOrDefault(p => p.Id == provider) is not { } known)
        {
            return Results.NotFound();
        }

        var properties = new AuthenticationProperties { RedirectUri = LocalAddress.Of(returnUrl, context.Request.PathBase) };
        if (AskAnew.IsSet(context))
        {
            // Whoever sits here now, signed in or not, may be another than the one whom the provider knows.
            AskAnew.Demand(context, properties);
        }

        return await IdentityProviders.ChallengeAsync(context, known, properties)
            ? Results.Empty
            : Results.LocalRedirect("~/" + ProviderAnswer.PageOf(ProviderRefusal.Unreachable, known, returnUrl));
    }

    static async Task<IResult> EndAsync(
        HttpContext context, string provider, IOptions<AccountOptions> options, LogoutTokens tokens, ProviderSignOut signOut,
        [FromForm(Name = "logout_token")] string? token)
    {
        var known = options.Value.Providers.FirstOrDefault(p => p.Id == provider);
        if (known is null || string.IsNullOrEmpty(token) || await IdentityProviders.ReadMetadataAsync(context, known) is not { } metadata
            || await tokens.TakeAsync(
                token, known, metadata, () => IdentityProviders.ReadMetadataAnewAsync(context, known)) is not { } logout)
        {
            return Results.BadRequest();
        }

        await signOut.RunAsync(known, logout.Subject, logout.Session);
        return Results.Ok();
    }
}
