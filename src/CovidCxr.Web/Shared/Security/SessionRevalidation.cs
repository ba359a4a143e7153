using CovidCxr.Platform.Accounts;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace CovidCxr.Web.Shared.Security;

/// <summary>Asks twice a minute whether the session behind an open page goes on and its account still stands with the same roles.</summary>
sealed class SessionRevalidation(
    ILoggerFactory loggers, IServiceScopeFactory scopes, Sessions sessions) : RevalidatingServerAuthenticationStateProvider(loggers)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(30);

    protected override async Task<bool> ValidateAuthenticationStateAsync(
        AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        if (!await sessions.IsOpenAsync(authenticationState.User, cancellationToken))
        {
            return false;
        }

        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<CheckSession>().RunAsync(authenticationState.User);
    }
}
