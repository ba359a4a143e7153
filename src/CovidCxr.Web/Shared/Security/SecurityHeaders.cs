using Scalar.AspNetCore;

namespace CovidCxr.Web.Shared.Security;

/// <summary>
/// The headers of every answer. Scripts come from this server alone; styles may stand inline, because MudBlazor writes its theme as a style
/// element and positions its popovers with style attributes. The page of the API's description has a script of its own, known by a number
/// that is drawn for each answer.
/// </summary>
sealed class SecurityHeaders(RequestDelegate next)
{
    const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; "
        + "connect-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        context.Response.OnStarting(() =>
        {
            if (context.Items[ScalarOptions.NonceHttpContextItemKey] is string nonce)
            {
                headers.ContentSecurityPolicy = ContentSecurityPolicy.Replace(
                    "script-src 'self'", $"script-src 'self' 'nonce-{nonce}'", StringComparison.Ordinal);
            }

            // Pages and images are clinical data; scripts and styles set their own caching.
            if (!headers.ContainsKey("Cache-Control"))
            {
                headers.CacheControl = "no-store";
            }

            return Task.CompletedTask;
        });
        return next(context);
    }
}
