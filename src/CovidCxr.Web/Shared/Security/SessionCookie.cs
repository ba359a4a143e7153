using System.Security.Claims;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Accounts;
using CovidCxr.Platform.Audit;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace CovidCxr.Web.Shared.Security;

/// <summary>The cookie of a session: gone with the browser, and worth nothing once the session is over.</summary>
static class SessionCookie
{
    // A cookie is renewed after half its life. Twice the idle time, so that it never runs out on a person who was idle for less;
    // the idle time itself is counted by Sessions.
    const int LifetimeInIdleTimes = 2;

    public static void Configure(CookieAuthenticationOptions cookie, IOptions<AccountOptions> accounts, Sessions sessions)
    {
        cookie.LoginPath = "/account/sign-in";
        cookie.AccessDeniedPath = "/account/denied";
        cookie.ExpireTimeSpan = accounts.Value.IdleTimeout * LifetimeInIdleTimes;
        cookie.SlidingExpiration = true;
        cookie.Cookie.Name = "covidcxr";
        cookie.CookieManager = new PrefixedCookies();
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SameSite = SameSiteMode.Lax;
        var validateStamp = cookie.Events.OnValidatePrincipal;
        cookie.Events.OnSigningIn = context =>
        {
            WithholdAdministration(context.Principal!, accounts.Value);
            return sessions.BeginAsync(
                context.Principal!, context.HttpContext.User, RateLimits.AddressOf(context.HttpContext),
                context.Request.Headers.UserAgent.ToString());
        };
        cookie.Events.OnValidatePrincipal = async context =>
        {
            if (!await sessions.TouchAsync(context.Principal!))
            {
                context.RejectPrincipal();
                return;
            }

            await validateStamp(context);
            context.Principal?.ComesFrom(RateLimits.AddressOf(context.HttpContext));
        };
        // After a sign-in the framework itself sends people back, and with other characters than a header may have.
        cookie.Events.OnRedirectToReturnUrl = context =>
        {
            context.Response.Redirect(
                LocalAddress.Of(context.Request.Query[cookie.ReturnUrlParameter], context.Request.PathBase));
            return Task.CompletedTask;
        };
        var (toSignIn, toDenied) = (cookie.Events.OnRedirectToLogin, cookie.Events.OnRedirectToAccessDenied);
        cookie.Events.OnRedirectToLogin = context =>
            WantsPage(context.Request) ? toSignIn(context) : Answer(context, StatusCodes.Status401Unauthorized);
        cookie.Events.OnRedirectToAccessDenied = async context =>
        {
            var audit = context.HttpContext.RequestServices.GetRequiredService<AuditLog>();
            await audit.RecordAsync(
                context.HttpContext.User.ToActor(), AuditAction.AccessRefused, AuditOutcome.Refused, detail: PageOf(context.Request));
            await (WantsPage(context.Request) ? toDenied(context) : Answer(context, StatusCodes.Status403Forbidden));
        };
    }

    /// <summary>The five minutes between password and code: not renewed, and void once the password changes.</summary>
    public static void ConfigureHalf(CookieAuthenticationOptions cookie)
    {
        cookie.SlidingExpiration = false;
        cookie.CookieManager = new PrefixedCookies();
        cookie.Events.OnSigningIn = context =>
            context.HttpContext.RequestServices.GetRequiredService<SecondFactor>().StampAsync(context.Principal!);
    }

    /// <summary>The session goes on where Identity rebuilds the person from the database.</summary>
    public static Task KeepSession(SecurityStampRefreshingPrincipalContext context, AccountOptions accounts)
    {
        var person = (ClaimsIdentity)context.NewPrincipal!.Identity!;
        foreach (var kept in context.CurrentPrincipal!.FindAll(c => c.Type == Sessions.ClaimType || Sessions.TellsHow(c)))
        {
            person.AddClaim(kept.Clone());
        }

        WithholdAdministration(context.NewPrincipal, accounts);
        return Task.CompletedTask;
    }

    // Whoever may administer by two factors alone is, by one, a person without that role: on pages, endpoints and in use cases.
    static void WithholdAdministration(ClaimsPrincipal person, AccountOptions accounts)
    {
        if (accounts.SecondFactorForAdministrators && !person.HasClaim(SecondFactor.MethodClaim, SecondFactor.TwoFactors)
            && person.Identity is ClaimsIdentity identity)
        {
            foreach (var role in identity.FindAll(c => c.Type == identity.RoleClaimType && c.Value == Role.Admin).ToList())
            {
                identity.RemoveClaim(role);
            }
        }
    }

    // A script's request has no use for a page.
    internal static bool WantsPage(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal);

    // The route, not the path: a path may hold what a person typed.
    internal static string PageOf(HttpRequest request) =>
        (request.HttpContext.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "unknown";

    static Task Answer(RedirectContext<CookieAuthenticationOptions> context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}
