using System.Net;
using Microsoft.AspNetCore.HostFiltering;

namespace CovidCxr.Web.Shared.Security;

/// <summary>
/// Outside Development: no password and no X-ray crosses a network in the clear, and the program answers to its own names alone. What is
/// not configured serves the machine itself.
/// </summary>
static class SafeTransport
{
    static readonly string[] OwnMachine = ["localhost", "127.0.0.1", "[::1]"];

    public static IServiceCollection AddSafeTransport(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddHsts(options => options.MaxAge = TimeSpan.FromDays(365));
        services.AddOptions<HostFilteringOptions>().PostConfigure<IHostEnvironment>((hosts, environment) =>
        {
            // Without a list the framework answers to any name.
            if (!environment.IsDevelopment() && string.IsNullOrWhiteSpace(configuration["AllowedHosts"]))
            {
                hosts.AllowedHosts = OwnMachine;
            }
        });
        return services;
    }

    /// <summary>After the forwarded headers, which say how a browser reached the proxy.</summary>
    public static IApplicationBuilder UseSafeTransport(this IApplicationBuilder app) => app.UseHsts().Use((context, next) =>
    {
        var request = context.Request;
        if (request.IsHttps || IsOwnMachine(request.Host.Host) || request.Path.StartsWithSegments("/health", StringComparison.Ordinal))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsync(
            "This address is served over https alone: passwords and X-rays must not cross a network in the clear. For the administrator: "
            + "give the program a certificate (Kestrel:Endpoints), or put a proxy with one in front and name it in Proxies:Addresses.");
    });

    static bool IsOwnMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
