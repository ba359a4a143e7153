using System.Globalization;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace CovidCxr.Web.Shared.Security;

/// <summary>How often one address may try to sign in, one person may upload, and one API client may ask.</summary>
public static class RateLimits
{
    public const string SignIn = "sign-in";
    public const string ProviderSignIn = "provider-sign-in";
    public const string ProviderSignOut = "provider-sign-out";
    public const string Upload = "upload";
    public const string Api = "api";
    public const string ApiUpload = "api-upload";

    public static IServiceCollection AddCovidCxrRateLimits(this IServiceCollection services) => services.AddRateLimiter(options =>
    {
        options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        options.OnRejected = async (context, cancellation) =>
        {
            var seconds = TellWhen(context);
            if (context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<EnableRateLimitingAttribute>()?.PolicyName is Api or ApiUpload)
            {
                // Told as problem details.
                return;
            }

            await context.HttpContext.Response.WriteAsync($"Too many requests at once. Try again in {seconds} seconds.", cancellation);
        };
        options.AddPolicy(SignIn, context => HttpMethods.IsPost(context.Request.Method)
            // Looking at the page is no attempt.
            ? Window(context, AddressOf(context), o => o.SignInsPerMinute)
            : RateLimitPartition.GetNoLimiter(""));
        options.AddPolicy(ProviderSignIn, context => Window(context, AddressOf(context), o => o.SignInsPerMinute));
        // One server, for everybody who ends a shift.
        options.AddPolicy(ProviderSignOut, context => Window(context, AddressOf(context), o => o.ApiRequestsPerMinute));
        options.AddPolicy(Upload, context => Window(context, IdOf(context), o => o.UploadsPerMinute));
        options.AddPolicy(Api, context => Window(context, IdOf(context), o => o.ApiRequestsPerMinute));
        options.AddPolicy(ApiUpload, context => Window(context, IdOf(context), o => o.UploadsPerMinute));
    });

    /// <returns>The seconds to wait, as the header says them.</returns>
    public static string TellWhen(OnRejectedContext context)
    {
        var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter) ? retryAfter : TimeSpan.FromSeconds(10);
        var seconds = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        context.HttpContext.Response.Headers.RetryAfter = seconds;
        return seconds;
    }

    // Of the person, or of the API client.
    static string IdOf(HttpContext context) => context.User.FindFirstValue(ClaimTypes.NameIdentifier) ?? "nobody";

    /// <summary>The browser's, or the proxy's where it is none of those listed.</summary>
    public static string AddressOf(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "local";

    public static RateLimitPartition<string> Window(HttpContext context, string key, Func<LimitOptions, int> permits)
    {
        var options = context.RequestServices.GetRequiredService<IOptions<LimitOptions>>().Value;
        return RateLimitPartition.GetSlidingWindowLimiter(key, _ => new SlidingWindowRateLimiterOptions
        {
            PermitLimit = permits(options),
            Window = TimeSpan.FromMinutes(1),
            SegmentsPerWindow = 6,
        });
    }
}
