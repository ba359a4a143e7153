using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace CovidCxr.Web.Shared.Security;

/// <summary>
/// The program under a path of a host, as /covidcxr behind a proxy. The path becomes the request's PathBase, and that the page's base
/// address; every link, form and script is relative to it.
/// </summary>
static partial class SubPath
{
    /// <summary>Stands after the forwarded headers and before what looks at a path.</summary>
    public static IApplicationBuilder UseSubPath(this IApplicationBuilder app)
    {
        PathString configured = app.ApplicationServices.GetRequiredService<IOptions<ProxyOptions>>().Value.PathBase;
        return app.Use((context, next) =>
        {
            var request = context.Request;
            if (configured.HasValue)
            {
                if (request.Path.StartsWithSegments(configured, StringComparison.Ordinal, out var rest))
                {
                    request.Path = rest;
                }

                request.PathBase = configured;
            }
            else
            {
                request.PathBase = Read(request.PathBase);
            }

            if (request.PathBase.HasValue && !request.Path.HasValue)
            {
                // Relative addresses would lead out of a path without a slash at its end.
                context.Response.Redirect($"{request.PathBase}/{request.QueryString}");
                return Task.CompletedTask;
            }

            return next(context);
        });
    }

    /// <summary>Without a slash at its end; empty where it is no such path, as a header may be: "//host" would be another host.</summary>
    internal static string Read(string? asked) => asked?.TrimEnd('/') is { } path && Path().IsMatch(path) ? path : "";

    [GeneratedRegex(@"^(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+\z")]
    private static partial Regex Path();
}
