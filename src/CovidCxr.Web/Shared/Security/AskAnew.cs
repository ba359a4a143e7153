namespace CovidCxr.Web.Shared.Security;

/// <summary>
/// A mark in a browser whose session ran out by itself: its identity provider may still know the person who walked away, and must ask
/// whoever comes next. Gone with the browser and with the next sign-in.
/// </summary>
static class AskAnew
{
    const string Name = "covidcxr-ask";

    static readonly PrefixedCookies Cookies = new();

    public static bool IsSet(HttpContext context) => Cookies.GetRequestCookie(context, Name) is not null;

    public static void Set(HttpContext context) => Cookies.AppendResponseCookie(context, Name, "1", Options(context));

    public static void Clear(HttpContext context)
    {
        if (IsSet(context))
        {
            Cookies.DeleteCookie(context, Name, Options(context));
        }
    }

    static CookieOptions Options(HttpContext context) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = context.Request.IsHttps,
        Path = context.Request.PathBase + "/",
    };
}
