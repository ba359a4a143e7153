using CovidCxr.Domain.Accounts;
using CovidCxr.Platform.Accounts;
using CovidCxr.Platform.Nodes;
using CovidCxr.Web.Features.Clinic.Exports;
using CovidCxr.Web.Features.Clinic.Incidents;
using CovidCxr.Web.Features.Clinic.Readings;
using CovidCxr.Web.Features.Clinic.References;
using CovidCxr.Web.Features.Clinic.Studies;
using CovidCxr.Web.Features.Hospital.Inbox;
using CovidCxr.Web.Features.Laboratory.DataSets;
using CovidCxr.Web.Features.Laboratory.Models;
using CovidCxr.Web.Features.Laboratory.Runs;
using CovidCxr.Web.Features.Platform.Accounts;
using CovidCxr.Web.Features.Platform.Audit;
using CovidCxr.Web.Features.Platform.Health;
using CovidCxr.Web.Features.Platform.Telemetry;
using CovidCxr.Web.Shared.Api;
using CovidCxr.Web.Shared.Layout;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using MudBlazor.Services;

namespace CovidCxr.Web;

public static class WebRegistration
{
    public static IServiceCollection AddCovidCxrWeb(this IServiceCollection services, IConfiguration configuration)
    {
        services.Configure<KestrelServerOptions>(options => options.AddServerHeader = false);
        // A film comes in 2,000 reads: half as many system calls, for 4 kB of every connection that waits.
        services.Configure<SocketTransportOptions>(options => options.WaitForDataBeforeAllocatingBuffer = false);
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddMudServices();
        services.AddCascadingAuthenticationState();
        services.AddScoped<AuthenticationStateProvider, SessionRevalidation>();
        services.AddAuthorization(AccessPolicies.Configure);
        services.AddApiAccess().AddApiDocument();
        services.AddAntiforgery(options =>
        {
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        services.AddHttpContextAccessor().AddIdentityProviders(configuration);
        services.AddForwardedHeaders(configuration).AddSafeTransport(configuration).AddCovidCxrRateLimits();
        services.AddModelHealth();
        services.AddTelemetry(configuration);
        services
            .AddOptions<LimitOptions>()
            .Bind(configuration.GetSection(LimitOptions.Section), binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<LimitOptions>, LimitOptionsValidator>();
        services
            .AddOptions<CookieAuthenticationOptions>(IdentityConstants.ApplicationScheme)
            .Configure<IOptions<AccountOptions>, Sessions>(SessionCookie.Configure);
        services.Configure<CookieAuthenticationOptions>(IdentityConstants.TwoFactorUserIdScheme, SessionCookie.ConfigureHalf);
        services.AddOptions<SecurityStampValidatorOptions>().Configure<IOptions<AccountOptions>>((stamps, accounts) =>
            stamps.OnRefreshingPrincipal = context => SessionCookie.KeepSession(context, accounts.Value));
        return services;
    }

    /// <param name="roles">A program that shows no pages answers for its health alone.</param>
    public static WebApplication MapCovidCxrWeb(this WebApplication app, NodeRoles roles)
    {
        if (!roles.HasFlag(NodeRoles.Web))
        {
            app.MapHealth();
            return app;
        }

        app.UseForwardedHeaders();
        if (!app.Environment.IsDevelopment())
        {
            app.UseExceptionHandler(new ExceptionHandlerOptions
            {
                ExceptionHandlingPath = "/error",
                CreateScopeForErrors = true,
                // What a use case refuses is no fault of the server.
                StatusCodeSelector = e =>
                    e is AccessRefusedException ? StatusCodes.Status403Forbidden : StatusCodes.Status500InternalServerError,
            });
        }

        app.UseMiddleware<SecurityHeaders>();
        if (!app.Environment.IsDevelopment())
        {
            app.UseSafeTransport();
        }

        app.UseSubPath();
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.Use((context, next) =>
        {
            // A script's request has no use for a page.
            context.Features.Get<IStatusCodePagesFeature>()?.Enabled = SessionCookie.WantsPage(context.Request);
            return next(context);
        });
        app.UseMiddleware<ApiProblems>();
        app.UseApiAddressLimit();
        // Here, since it would otherwise come first and look at the whole path.
        app.UseRouting();
        ApiProblems.UseApiRoutes(app);
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseOwnPasswordFirst();
        app.UseRateLimiter();
        app.UseAntiforgery();
        app.MapStaticAssets().AllowAnonymous();
        app.MapHealth();
        app.MapAccount();
        app.MapProviders();
        app.MapPasskeys();
        app.MapConfirm();
        app.MapAuditExport();
        app.MapUpload();
        app.MapMedium();
        app.MapPixels();
        app.MapHeatMap();
        app.MapStudyThumbnail();
        app.MapReadingReport();
        app.MapAgreementExport();
        app.MapFilmExport();
        app.MapIncidents();
        app.MapReferences();
        app.MapStudiesApi();
        app.MapSubmitStudyApi();
        app.MapStoreApi();
        app.MapModelsApi();
        app.MapHealthApi();
        app.MapApiDocument();
        app.MapArchive();
        app.MapThumbnail();
        app.MapRunFile();
        app.MapConfused();
        // Its own frame-ancestors header would be a second policy beside ours.
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null);
        return app;
    }
}
