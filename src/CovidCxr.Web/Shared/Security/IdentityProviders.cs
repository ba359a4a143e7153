using CovidCxr.Platform.Accounts;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.Configuration;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace CovidCxr.Web.Shared.Security;

/// <summary>
/// A scheme of OpenID Connect for each provider of the configuration: code flow with PKCE, nonce and state; the code comes in the address,
/// so that the cookies can stay at home (Lax). What becomes of its answer, <see cref="ProviderAnswer"/> says.
/// </summary>
static class IdentityProviders
{
    /// <summary>Signatures by a key that the provider alone has. A shared one could be its public key, taken for a secret.</summary>
    public static readonly IReadOnlyList<string> Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    // Whoever waits longer signs in with a password.
    static readonly TimeSpan BackchannelTimeout = TimeSpan.FromSeconds(10);

    public static IServiceCollection AddIdentityProviders(this IServiceCollection services, IConfiguration configuration)
    {
        // Its lines may hold what the provider sent; ProviderAnswer writes one of its own.
        services.Configure<LoggerFilterOptions>(filters => filters.Rules.Add(
            new(null, typeof(OpenIdConnectHandler).Namespace, LogLevel.None, null)));
        services.AddSingleton<LogoutTokens>();
        var schemes = services.AddAuthentication();
        var ids = configuration.GetSection(AccountOptions.Section).GetSection(nameof(AccountOptions.Providers)).GetChildren()
            .Select(p => p[nameof(ProviderOptions.Id)]).OfType<string>().Distinct().ToList();
        foreach (var id in ids)
        {
            var scheme = new ProviderOptions { Id = id }.Scheme;
            schemes.AddOpenIdConnect(scheme, _ => { });
            services.AddOptions<OpenIdConnectOptions>(scheme).Configure<IOptions<AccountOptions>, IHttpContextAccessor>(
                (options, accounts, requests) => Configure(options, accounts.Value.Providers.First(p => p.Id == id), requests));
            services.AddOptions<OpenIdConnectOptions>(scheme).PostConfigure<IOptions<AccountOptions>>(
                (options, accounts) => Check(options, accounts.Value.Providers.First(p => p.Id == id)));
        }

        return services;
    }

    /// <summary>What the provider says of itself, asked for at most once in a while.</summary>
    /// <returns>Null where it does not answer, or not rightly.</returns>
    public static async Task<OpenIdConnectConfiguration?> ReadMetadataAsync(HttpContext context, ProviderOptions provider)
    {
        try
        {
            return await Options(context, provider).ConfigurationManager!.GetConfigurationAsync(context.RequestAborted);
        }
        catch (Exception e) when (IsOfTheProvider(e) && !context.RequestAborted.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>The same asked now, for whoever sees a key that was not known; sign-ins learn of it too.</summary>
    public static async Task<OpenIdConnectConfiguration?> ReadMetadataAnewAsync(HttpContext context, ProviderOptions provider)
    {
        var options = Options(context, provider);
        options.ConfigurationManager!.RequestRefresh();
        try
        {
            // Of nobody's request alone: others wait for it too. The provider has as long as at a sign-in.
            return await NewManager(options, provider).GetConfigurationAsync(CancellationToken.None);
        }
        catch (Exception e) when (IsOfTheProvider(e))
        {
            return null;
        }
    }

    /// <summary>Sends the browser to the provider.</summary>
    /// <returns>False where it does not answer: then nothing is written.</returns>
    public static async Task<bool> ChallengeAsync(HttpContext context, ProviderOptions provider, AuthenticationProperties properties)
    {
        try
        {
            await context.ChallengeAsync(provider.Scheme, properties);
            // From now on it may know somebody in this browser, whether they come back or not.
            AskAnew.Set(context);
            return true;
        }
        catch (Exception e) when (IsOfTheProvider(e) && !context.RequestAborted.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>As <see cref="ChallengeAsync"/>, for an answer that is no redirect.</summary>
    /// <returns>Where the browser is to go; null where the provider does not answer.</returns>
    public static async Task<string?> ChallengeAddressAsync(
        HttpContext context, ProviderOptions provider, AuthenticationProperties properties)
    {
        if (!await ChallengeAsync(context, provider, properties))
        {
            return null;
        }

        var address = context.Response.Headers.Location.ToString();
        context.Response.Headers.Location = default;
        context.Response.StatusCode = StatusCodes.Status200OK;
        return address;
    }

    public static OpenIdConnectOptions Options(HttpContext context, ProviderOptions provider) =>
        context.RequestServices.GetRequiredService<IOptionsMonitor<OpenIdConnectOptions>>().Get(provider.Scheme);

    static void Configure(OpenIdConnectOptions options, ProviderOptions provider, IHttpContextAccessor requests)
    {
        options.Authority = provider.Authority;
        options.MetadataAddress = provider.Issuer + "/.well-known/openid-configuration";
        options.RequireHttpsMetadata = new Uri(provider.Authority).Scheme == Uri.UriSchemeHttps;
        options.ClientId = provider.ClientId;
        options.ClientSecret = provider.ReadSecret();
        options.ResponseType = OpenIdConnectResponseType.Code;
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.UsePkce = true;
        options.Scope.Clear();
        foreach (var scope in provider.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            options.Scope.Add(scope);
        }

        options.CallbackPath = $"/account/providers/{provider.Id}/callback";
        // A frame of the provider's could end nothing: no cookie goes there. It ends sessions from server to server.
        options.RemoteSignOutPath = options.SignedOutCallbackPath = PathString.Empty;
        options.MapInboundClaims = false;
        options.GetClaimsFromUserInfoEndpoint = false;
        options.UseTokenLifetime = false;
        options.SaveTokens = false;
        options.DisableTelemetry = true;
        options.BackchannelTimeout = BackchannelTimeout;
        options.TokenValidationParameters = Rules(provider.ClientId);
        options.CorrelationCookie = new PrefixedCookieBuilder(requests) { Name = "covidcxr-asked." };
        options.NonceCookie = new PrefixedCookieBuilder(requests) { Name = "covidcxr-nonce." };
        options.Events = ProviderAnswer.EventsFor(provider);
    }

    /// <summary>What any token of a provider's must hold.</summary>
    public static TokenValidationParameters Rules(string clientId) => new()
    {
        ValidAlgorithms = Algorithms,
        ValidAudience = clientId,
        ClockSkew = ProviderIdentity.ClockSkew,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        NameClaimType = "sub",
    };

    // After the framework's own, which has made what is asked through by now.
    static void Check(OpenIdConnectOptions options, ProviderOptions provider) =>
        options.ConfigurationManager = NewManager(options, provider);

    static ConfigurationManager<OpenIdConnectConfiguration> NewManager(OpenIdConnectOptions options, ProviderOptions provider) => new(
        options.MetadataAddress!, new OpenIdConnectConfigurationRetriever(),
        new HttpDocumentRetriever(options.Backchannel!) { RequireHttps = options.RequireHttpsMetadata }, new OwnMetadata(provider));

    static bool IsOfTheProvider(Exception e) =>
        e is InvalidOperationException or IOException or HttpRequestException or OperationCanceledException
            or OpenIdConnectProtocolException or InvalidConfigurationException;

    /// <summary>A provider speaks for itself alone, and as safely as its own address.</summary>
    sealed class OwnMetadata(ProviderOptions provider) : IConfigurationValidator<OpenIdConnectConfiguration>
    {
        public ConfigurationValidationResult Validate(OpenIdConnectConfiguration configuration)
        {
            string[] addresses =
                [
                    configuration.AuthorizationEndpoint, configuration.TokenEndpoint, configuration.JwksUri,
                    .. new[] { configuration.EndSessionEndpoint, configuration.PushedAuthorizationRequestEndpoint }
                        .Where(a => !string.IsNullOrEmpty(a)),
                ];
            var isOwn = configuration.Issuer?.TrimEnd('/') == provider.Issuer;
            return isOwn && addresses.All(a => a is not null && ProviderOptions.IsSafe(a))
                ? new() { Succeeded = true }
                : new() { Succeeded = false, ErrorMessage = isOwn ? "An endpoint is not safe." : "The issuer is another." };
        }
    }
}

/// <summary>As <see cref="PrefixedCookies"/> names them: what a sign-in began with cannot be planted by a neighbour either.</summary>
sealed class PrefixedCookieBuilder : CookieBuilder
{
    readonly IHttpContextAccessor _requests;

    public PrefixedCookieBuilder(IHttpContextAccessor requests)
    {
        _requests = requests;
        (HttpOnly, IsEssential, SameSite, SecurePolicy) = (true, true, SameSiteMode.Lax, CookieSecurePolicy.SameAsRequest);
    }

    public override string? Name
    {
        get => _requests.HttpContext is { } context && base.Name is { } name ? PrefixedCookies.Name(context, name) : base.Name;
        set => base.Name = value;
    }

    public override CookieOptions Build(HttpContext context, DateTimeOffset expiresFrom)
    {
        var options = base.Build(context, expiresFrom);
        options.Path = context.Request.PathBase + "/";
        return options;
    }
}
