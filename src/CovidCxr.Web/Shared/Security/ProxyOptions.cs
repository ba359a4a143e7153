using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace CovidCxr.Web.Shared.Security;

/// <summary>Proxies in front of the program.</summary>
public sealed class ProxyOptions
{
    public const string Section = "Proxies";

    /// <summary>
    /// IP addresses, separated by semicolons, whose X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Prefix are believed; empty (default)
    /// for none. Anybody can send such a header.
    /// </summary>
    public string Addresses { get; set; } = "";

    /// <summary>
    /// The path under which browsers reach the program, such as /covidcxr; empty (default) for a host name of its own, or for what a listed
    /// proxy sends as X-Forwarded-Prefix. The proxy may keep the path or take it away.
    /// </summary>
    public string PathBase { get; set; } = "";

    internal string[] All => Addresses.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}

public sealed class ProxyOptionsValidator : IValidateOptions<ProxyOptions>
{
    public ValidateOptionsResult Validate(string? name, ProxyOptions options)
    {
        List<string> errors = [];
        if (!options.All.All(a => IPAddress.TryParse(a, out _)))
        {
            errors.Add("Proxies:Addresses must be IP addresses, separated by semicolons.");
        }

        if (options.PathBase.Length > 0 && SubPath.Read(options.PathBase) != options.PathBase)
        {
            errors.Add("Proxies:PathBase must be a path such as /covidcxr: a slash before each part and none at the end, "
                + "and in it letters, digits, dots, hyphens and underscores.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}

static class ForwardedHeadersSetup
{
    public static IServiceCollection AddForwardedHeaders(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ProxyOptions>()
            .Bind(configuration.GetSection(ProxyOptions.Section), binder => binder.ErrorOnUnknownConfiguration = true).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ProxyOptions>, ProxyOptionsValidator>();
        // After the framework's own: ASPNETCORE_FORWARDEDHEADERS_ENABLED would believe everybody.
        services.AddOptions<ForwardedHeadersOptions>().PostConfigure<IOptions<ProxyOptions>>((headers, proxies) =>
        {
            var known = proxies.Value.All;
            headers.ForwardedHeaders = known.Length == 0
                ? ForwardedHeaders.None
                : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedPrefix;
            headers.KnownIPNetworks.Clear();
            headers.KnownProxies.Clear();
            foreach (var address in known)
            {
                headers.KnownProxies.Add(IPAddress.Parse(address));
            }
        });
        return services;
    }
}
