using Microsoft.AspNetCore.Authentication.Cookies;

namespace CovidCxr.Web.Shared.Security;

/// <summary>
/// Over https the cookie's name begins with __Host-: browsers then take it from this host over https alone, and no neighbour of the same
/// domain can plant one. Under a path of a shared host it begins with __Secure-, which demands https alone: a program beside it under the
/// same host could plant one.
/// </summary>
sealed class PrefixedCookies : ICookieManager
{
    readonly ChunkingCookieManager _cookies = new();

    public string? GetRequestCookie(HttpContext context, string key) => _cookies.GetRequestCookie(context, Name(context, key));

    public void AppendResponseCookie(HttpContext context, string key, string? value, CookieOptions options) =>
        _cookies.AppendResponseCookie(context, Name(context, key), value, options);

    public void DeleteCookie(HttpContext context, string key, CookieOptions options) =>
        _cookies.DeleteCookie(context, Name(context, key), options);

    public static string Name(HttpContext context, string key) => context.Request switch
    {
        { IsHttps: false } => key,
        { PathBase.HasValue: true } => "__Secure-" + key,
        _ => "__Host-" + key,
    };
}
