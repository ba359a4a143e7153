using System.Security.Claims;
using CovidCxr.Domain.Accounts;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace CovidCxr.Web.Shared.Api;

/// <summary>Which client may use which route. A policy goes by the name of the scope that it wants.</summary>
static class ApiAccess
{
    public const string Scheme = "ApiKey", ScopeClaim = "scope", AnyKey = "api";

    public static IServiceCollection AddApiAccess(this IServiceCollection services)
    {
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(Scheme, null);
        var authorization = services.AddAuthorizationBuilder().AddPolicy(AnyKey, p => OfAClient(p).RequireAuthenticatedUser());
        foreach (var scope in ApiScope.All)
        {
            authorization.AddPolicy(scope, p => OfAClient(p).RequireClaim(ScopeClaim, scope));
        }

        return services;
    }

    static AuthorizationPolicyBuilder OfAClient(AuthorizationPolicyBuilder policy) => policy.AddAuthenticationSchemes(Scheme);

    /// <summary>The client as the use cases know somebody, with no more than the roles that the one use case wants.</summary>
    public static Actor ActorOf(ClaimsPrincipal client, params IEnumerable<string> roles) => new(
        Guid.Parse(client.FindFirstValue(ClaimTypes.NameIdentifier)!), client.Identity!.Name!, roles.ToHashSet())
    {
        Source = client.FindFirstValue(CurrentActor.SourceClaim),
    };

    /// <summary>Whether the client has this scope too, for what a route tells beside its own.</summary>
    public static bool May(ClaimsPrincipal client, string scope) => client.HasClaim(ScopeClaim, scope);

    /// <summary>The routes below /api/v1 that want this scope.</summary>
    public static RouteGroupBuilder MapApi(this IEndpointRouteBuilder app, string scope, string tag) => app.MapGroup(ApiProblems.Root)
        .RequireAuthorization(scope)
        .RequireRateLimiting(RateLimits.Api)
        .WithTags(tag)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status429TooManyRequests);
}
