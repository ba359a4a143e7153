using System.Security.Claims;
using System.Text.Encodings.Web;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.ApiClients;
using CovidCxr.Platform.Audit;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace CovidCxr.Web.Shared.Api;

/// <summary>
/// Knows an API client by its key in the header Authorization, and by nothing else: a browser's cookie opens none of its routes.
/// </summary>
sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, CheckApiKey check, AuditLog audit)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    const string Bearer = "Bearer ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.Authorization is not [{ } header] || !header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return AuthenticateResult.NoResult();
        }

        if (await check.RunAsync(header[Bearer.Length..].Trim(), Context.RequestAborted) is not { } client)
        {
            return AuthenticateResult.Fail("The key is not valid.");
        }

        var identity = new ClaimsIdentity(
            [
                new(ClaimTypes.NameIdentifier, client.Id.ToString()), new(ClaimTypes.Name, $"API client {client.Name}"),
                new(CurrentActor.SourceClaim, RateLimits.AddressOf(Context)),
                .. client.Scopes.Select(s => new Claim(ApiAccess.ScopeClaim, s)),
            ],
            ApiAccess.Scheme);
        return AuthenticateResult.Success(new(new(identity), ApiAccess.Scheme));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers[HeaderNames.WWWAuthenticate] = Bearer.TrimEnd();
        return Task.CompletedTask;
    }

    protected override async Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        await audit.RecordAsync(
            ApiAccess.ActorOf(Context.User), AuditAction.AccessRefused, AuditOutcome.Refused, detail: SessionCookie.PageOf(Request));
        Response.StatusCode = StatusCodes.Status403Forbidden;
    }
}
