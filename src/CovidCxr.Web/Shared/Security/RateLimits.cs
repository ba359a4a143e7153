using System.Globalization;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace CovidCxr.Web.Shared.Security;

/// <summary>How often one address may try to sign in, one person may upload, and one API client may ask.</summary>
public static class RateLimits
{
    const int OneMinute = 60;

    public const string SignIn = "sign-in";
    public const string ProviderSignIn = "provider-sign-in";
    public const string ProviderSignOut = "provider-sign-out";
    public const string Upload = "upload";
    public const string Medium = "medium";
    public const string Archive = "archive";
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

            await context.HttpContext.Response.WriteAsync(
                seconds > OneMinute
                    ? $"That is as much as one person may upload in a day. Try again in {((seconds + 3599) / 3600).Of("hour")}."
                    : $"Too many requests at once. Try again in {seconds.Of("second")}.",
                cancellation);
        };
        options.AddPolicy(SignIn, context => HttpMethods.IsPost(context.Request.Method)
            // Looking at the page is no attempt.
            ? Window(context, AddressOf(context), o => o.SignInsPerMinute)
            : RateLimitPartition.GetNoLimiter(""));
        options.AddPolicy(ProviderSignIn, context => Window(context, AddressOf(context), o => o.SignInsPerMinute));
        // One server, for everybody who ends a shift.
        options.AddPolicy(ProviderSignOut, context => Window(context, AddressOf(context), o => o.ApiRequestsPerMinute));
        options.AddPolicy(Upload, context => Quota(context, o => o.UploadsPerDay));
        // Nothing is stored: it costs none of the day's.
        options.AddPolicy(Medium, context => Window(context, IdOf(context), o => o.UploadsPerMinute));
        options.AddPolicy(Archive, context => Quota(context, o => o.ArchivesPerDay));
        options.AddPolicy(Api, context => Window(context, IdOf(context), o => o.ApiRequestsPerMinute));
        options.AddPolicy(ApiUpload, context => Quota(context, o => o.UploadsPerDay));
    });

    /// <returns>The seconds to wait, as the header says them.</returns>
    public static int TellWhen(OnRejectedContext context)
    {
        var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter) ? retryAfter : TimeSpan.FromSeconds(10);
        var seconds = (int)Math.Ceiling(wait.TotalSeconds);
        context.HttpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return seconds;
    }

    // Of the person, or of the API client.
    static string IdOf(HttpContext context) => context.User.FindFirstValue(ClaimTypes.NameIdentifier) ?? "nobody";

    /// <summary>The browser's, or the proxy's where it is none of those listed.</summary>
    public static string AddressOf(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "local";

    public static RateLimitPartition<string> Window(HttpContext context, string key, Func<LimitOptions, int> permits) =>
        RateLimitPartition.GetSlidingWindowLimiter(key, _ => Minute(permits(OptionsOf(context))));

    // Of a minute and of a day, which begins with the first upload. A restart begins a new one.
    static RateLimitPartition<string> Quota(HttpContext context, Func<LimitOptions, int> perDay)
    {
        var options = OptionsOf(context);
        return RateLimitPartition.Get<string>(IdOf(context), _ => new BothLimits(
            new SlidingWindowRateLimiter(Minute(options.UploadsPerMinute)),
            new FixedWindowRateLimiter(new() { PermitLimit = perDay(options), Window = TimeSpan.FromDays(1) })));
    }

    static SlidingWindowRateLimiterOptions Minute(int permits) =>
        new() { PermitLimit = permits, Window = TimeSpan.FromMinutes(1), SegmentsPerWindow = 6 };

    static LimitOptions OptionsOf(HttpContext context) => context.RequestServices.GetRequiredService<IOptions<LimitOptions>>().Value;
}
