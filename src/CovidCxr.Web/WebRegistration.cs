using CovidCxr.Application.Accounts;
using CovidCxr.Web.Features.Account;
using CovidCxr.Web.Features.Reading;
using CovidCxr.Web.Features.Studies;
using CovidCxr.Web.Shared.Layout;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using MudBlazor.Services;

namespace CovidCxr.Web;

public static class WebRegistration
{
    public static IServiceCollection AddCovidCxrWeb(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddMudServices();
        services.AddCascadingAuthenticationState();
        services.AddScoped<AuthenticationStateProvider, SessionRevalidation>();
        services.AddAuthorization(Policies.Configure);
        services.AddAntiforgery(options => options.Cookie.SameSite = SameSiteMode.Strict);
        services.AddCovidCxrRateLimits();
        services.AddHealthChecks();
        services.AddOptions<LimitOptions>().Bind(configuration.GetSection(LimitOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<LimitOptions>, LimitOptionsValidator>();
        services.AddOptions<CookieAuthenticationOptions>(IdentityConstants.ApplicationScheme).Configure<IOptions<AccountOptions>>(SessionCookie.Configure);
        return services;
    }

    public static WebApplication MapCovidCxrWeb(this WebApplication app)
    {
        if (!app.Environment.IsDevelopment())
        {
            app.UseExceptionHandler("/error", createScopeForErrors: true);
            app.UseHsts();
        }

        app.UseMiddleware<SecurityHeaders>();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseRateLimiter();
        app.UseAntiforgery();
        app.MapStaticAssets().AllowAnonymous();
        app.MapHealthChecks("/health").AllowAnonymous();
        app.MapAccount();
        app.MapUpload();
        app.MapPixels();
        app.MapHeatMap();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
        return app;
    }
}
