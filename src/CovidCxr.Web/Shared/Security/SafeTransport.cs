using System.Net;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.Extensions.Options;

namespace CovidCxr.Web.Shared.Security;

/// <summary>
/// Outside Development: no password and no X-ray crosses a network in the clear, and the program answers to its own names alone. What is
/// not configured serves the machine itself.
/// </summary>
static class SafeTransport
{
    static readonly string[] OwnMachine = ["localhost", "127.0.0.1", "[::1]"];
    static readonly string[] OfProxies = ["X-Forwarded-For", "X-Original-For", "Forwarded", "Via"];

    public static IServiceCollection AddSafeTransport(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddHsts(options => options.MaxAge = TimeSpan.FromDays(365));
        services.AddOptions<HostFilteringOptions>().PostConfigure<IHostEnvironment>((hosts, environment) =>
        {
            // Without a list the framework answers to any name. Probes on the machine itself ask under its own, whatever is listed.
            var isListed = !string.IsNullOrWhiteSpace(configuration["AllowedHosts"]);
            if (!environment.IsDevelopment() && !(isListed && hosts.AllowedHosts.Contains("*")))
            {
                hosts.AllowedHosts = isListed ? [.. hosts.AllowedHosts, .. OwnMachine] : OwnMachine;
            }
        });
        return services;
    }

    /// <summary>After the forwarded headers, which say how a browser reached the proxy.</summary>
    public static IApplicationBuilder UseSafeTransport(this IApplicationBuilder app)
    {
        // A host that is shared with others is not ours to close.
        if (app.ApplicationServices.GetRequiredService<IOptions<ProxyOptions>>().Value.PathBase.Length == 0)
        {
            app.UseHsts();
        }

        return app.Use(RefuseInTheClear);
    }

    static Task RefuseInTheClear(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (request.IsHttps || IsOwnMachine(request) || request.Path.StartsWithSegments("/health", StringComparison.Ordinal))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsync(
            "This address is served over https alone: passwords and X-rays must not cross a network in the clear. For the administrator: "
            + "give the program a certificate (Kestrel:Endpoints), or put a proxy with one in front and name it in Proxies:Addresses.");
    }

    // A proxy may call this machine by its own name for somebody far away.
    static bool IsOwnMachine(HttpRequest request) =>
        !Array.Exists(OfProxies, request.Headers.ContainsKey)
        && (request.Host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(request.Host.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)));
}
