using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace CovidCxr.Web.Shared.Security;

/// <summary>
/// A mark, without content, in a browser that was sent to an identity provider once. The provider may know that person still, however the
/// session here ended; so it must ask whoever comes next. The mark outlives sessions and the browser, as the provider's own cookie may.
/// </summary>
static class AskAnew
{
    const string Name = "covidcxr-ask", AskedAtKey = "asked-at";

    // The longest that browsers keep one (RFC 6265bis, section 5.5). Each sign-in renews it.
    static readonly TimeSpan Lifetime = TimeSpan.FromDays(400);

    static readonly PrefixedCookies Cookies = new();

    public static bool IsSet(HttpContext context) => Cookies.GetRequestCookie(context, Name) is not null;

    public static void Set(HttpContext context) => Cookies.AppendResponseCookie(context, Name, "1", new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = context.Request.IsHttps,
        Path = context.Request.PathBase + "/",
        MaxAge = Lifetime,
    });

    /// <summary>Has the provider ask who is there, and say when it did (OpenID Connect Core 1.0, section 3.1.2.1).</summary>
    public static void Demand(HttpContext context, AuthenticationProperties properties)
    {
        properties.SetParameter(OpenIdConnectParameterNames.Prompt, OpenIdConnectPrompt.Login);
        properties.SetParameter<TimeSpan?>(OpenIdConnectParameterNames.MaxAge, TimeSpan.Zero);
        var now = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        properties.Items[AskedAtKey] = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
    }

    /// <returns>When the provider was sent somebody to ask; null where it was free not to.</returns>
    public static DateTimeOffset? AskedAt(AuthenticationProperties properties) =>
        properties.Items.TryGetValue(AskedAtKey, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(long.Parse(seconds!, CultureInfo.InvariantCulture))
            : null;
}
