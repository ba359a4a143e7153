using CovidCxr.Platform.Accounts;
using Microsoft.AspNetCore.Authorization;

namespace CovidCxr.Web.Shared.Security;

/// <summary>
/// Whoever came in with a password that an administrator set gets to the page that changes it, to the way out, and to nothing else.
/// </summary>
static class OwnPasswordFirst
{
    public static void UseOwnPasswordFirst(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (!GivenPassword.IsUsedBy(context.User)
            || context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null
            || context.Request.Path.StartsWithSegments("/account/password")
            || context.Request.Path.StartsWithSegments("/account/sign-out"))
        {
            return next(context);
        }

        if (SessionCookie.WantsPage(context.Request))
        {
            return Results.LocalRedirect("~/account/password").ExecuteAsync(context);
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    });
}
