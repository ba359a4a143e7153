using System.Security.Claims;
using CovidCxr.Testing;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace CovidCxr.Web.Tests.Shared.Security;

/// <summary>
/// OpenIddict's server: an identity provider that others wrote, with pushed requests, PKCE and an issuer in its answers. Whoever comes is
/// <see cref="Person"/>.
/// </summary>
sealed class OpenIddictProvider : IAsyncDisposable
{
    readonly WebApplication _app;
    readonly SqliteConnection _connection;

    OpenIddictProvider(WebApplication app, SqliteConnection connection) => (_app, _connection) = (app, connection);

    public string Issuer => _app.Urls.First();

    public List<Claim> Person { get; set; } = [];

    public static async Task<OpenIddictProvider> StartAsync()
    {
        // In memory for as long as it is open.
        var connection = new SqliteConnection("Data Source=:memory:");
        await connection.OpenAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddDbContext<DbContext>(options => options.UseSqlite(connection).UseOpenIddict());
        builder.Services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<DbContext>())
            .AddServer(server =>
            {
                server.SetAuthorizationEndpointUris("connect/authorize").SetTokenEndpointUris("connect/token")
                    .SetEndSessionEndpointUris("connect/end").SetPushedAuthorizationEndpointUris("connect/push");
                server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange().RequirePushedAuthorizationRequests();
                server.RegisterScopes(Scopes.Profile).AddEphemeralEncryptionKey().AddEphemeralSigningKey();
                server.UseAspNetCore().EnableAuthorizationEndpointPassthrough().EnableEndSessionEndpointPassthrough()
                    .DisableTransportSecurityRequirement();
            });
        var app = builder.Build();
        var provider = new OpenIddictProvider(app, connection);
        app.UseRouting();
        app.UseAuthentication();
        app.MapGet("/connect/authorize", (HttpContext context) => provider.Authorize(context));
        app.MapGet("/connect/end", () => Results.SignOut(authenticationSchemes: [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]));
        await using (var scope = app.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<DbContext>().Database.EnsureCreatedAsync();
        }

        await app.StartAsync();
        return provider;
    }

    /// <summary>Lets a program's people sign in.</summary>
    public async Task RegisterAsync(Uri program, string id)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>().CreateAsync(new OpenIddictApplicationDescriptor
        {
            ClientId = BentProvider.ClientId,
            ClientSecret = BentProvider.Secret,
            RedirectUris = { new Uri(program, $"/account/providers/{id}/callback") },
            PostLogoutRedirectUris = { new Uri(program, "/account/sign-in") },
            Permissions =
            {
                Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.Endpoints.EndSession,
                Permissions.Endpoints.PushedAuthorization, Permissions.GrantTypes.AuthorizationCode, Permissions.ResponseTypes.Code,
                Permissions.Scopes.Profile,
            },
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _connection.DisposeAsync();
    }

    IResult Authorize(HttpContext context)
    {
        var identity = new ClaimsIdentity(Person, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme, Claims.Name, Claims.Role);
        identity.SetScopes(context.GetOpenIddictServerRequest()!.GetScopes());
        identity.SetDestinations(_ => [Destinations.IdentityToken]);
        return Results.SignIn(new(identity), authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }
}
