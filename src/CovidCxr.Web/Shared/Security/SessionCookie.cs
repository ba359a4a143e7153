using CovidCxr.Application.Accounts;
using CovidCxr.Application.Audit;
using CovidCxr.Domain.Audit;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Options;

namespace CovidCxr.Web.Shared.Security;

/// <summary>The cookie of a session: gone with the browser, and after the idle time.</summary>
static class SessionCookie
{
    public static void Configure(CookieAuthenticationOptions cookie, IOptions<AccountOptions> accounts)
    {
        cookie.LoginPath = "/account/sign-in";
        cookie.AccessDeniedPath = "/account/denied";
        cookie.ExpireTimeSpan = accounts.Value.IdleTimeout;
        cookie.SlidingExpiration = true;
        cookie.Cookie.Name = "covidcxr";
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SameSite = SameSiteMode.Lax;
        var (toSignIn, toDenied) = (cookie.Events.OnRedirectToLogin, cookie.Events.OnRedirectToAccessDenied);
        cookie.Events.OnRedirectToLogin = context => WantsPage(context.Request) ? toSignIn(context) : Answer(context, StatusCodes.Status401Unauthorized);
        cookie.Events.OnRedirectToAccessDenied = async context =>
        {
            var audit = context.HttpContext.RequestServices.GetRequiredService<AuditLog>();
            await audit.RecordAsync(context.HttpContext.User.ToActor(), AuditAction.AccessRefused, AuditOutcome.Refused, detail: PageOf(context.Request));
            await (WantsPage(context.Request) ? toDenied(context) : Answer(context, StatusCodes.Status403Forbidden));
        };
    }

    // A script's request has no use for a page.
    static bool WantsPage(HttpRequest request) => HttpMethods.IsGet(request.Method) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal);

    // The route, not the path: a path may hold what a person typed.
    static string PageOf(HttpRequest request) => (request.HttpContext.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "unknown";

    static Task Answer(RedirectContext<CookieAuthenticationOptions> context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}
