using Microsoft.AspNetCore.Antiforgery;
using Microsoft.Extensions.Primitives;

namespace CovidCxr.Web.Shared.Security;

/// <summary>
/// The antiforgery token of a script's or a program's request: in the header, since one in a form would make the framework read, and keep,
/// all of the body first.
/// </summary>
static class PageToken
{
    const string Header = "RequestVerificationToken";

    public static async Task<bool> IsGivenAsync(HttpContext context, IAntiforgery antiforgery) =>
        !StringValues.IsNullOrEmpty(context.Request.Headers[Header]) && await antiforgery.IsRequestValidAsync(context);
}
