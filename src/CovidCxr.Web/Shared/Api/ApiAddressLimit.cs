using System.Threading.RateLimiting;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.RateLimiting;

namespace CovidCxr.Web.Shared.Api;

/// <summary>
/// How often one address may ask the API, whatever key it shows: what is refused is looked up, and written into the audit trail, too.
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
            : RateLimitPartition.GetNoLimiter("")),
    });
}
