using System.Threading.RateLimiting;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.RateLimiting;

namespace CovidCxr.Web.Shared.Api;

/// <summary>
/// How often one address may ask the API, whatever key it shows: what is refused is looked up, and written into the audit trail, too. So is
/// what comes back from an identity provider, which the sign-in answers before any limit of a route.
/// </summary>
static class ApiAddressLimit
{
    // Some clients run on one machine.
    const int Clients = 2;

    /// <summary>Before routes are looked for, so that the limits of routes come into their own later.</summary>
    public static IApplicationBuilder UseApiAddressLimit(this IApplicationBuilder app) => app.UseRateLimiter(new RateLimiterOptions
    {
        RejectionStatusCode = StatusCodes.Status429TooManyRequests,
        OnRejected = (context, _) =>
        {
            RateLimits.TellWhen(context);
            return ValueTask.CompletedTask;
        },
        GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => ApiProblems.IsApi(context)
            ? RateLimits.Window(context, RateLimits.AddressOf(context), o => Clients * o.ApiRequestsPerMinute)
            : IsProviderAnswer(context)
            ? RateLimits.Window(context, $"provider answer {RateLimits.AddressOf(context)}", o => o.SignInsPerMinute)
            : RateLimitPartition.GetNoLimiter("")),
    });

    static bool IsProviderAnswer(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/account/providers", out var rest)
            && rest.Value?.EndsWith("callback", StringComparison.OrdinalIgnoreCase) == true;
}
