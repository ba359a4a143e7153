using System.Security.Claims;
using CovidCxr.Clinic;
using CovidCxr.Domain.Accounts;
using CovidCxr.Engine;
using CovidCxr.Hospital;
using CovidCxr.Laboratory;
using CovidCxr.Platform;
using CovidCxr.Storage;
using CovidCxr.Testing;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CovidCxr.Web.Tests.Shared.Security;

/// <summary>
/// The whole program as Production runs it, on a port and a data folder of its own, without the worker. The clinic's four people can sign
/// in. Adds /test/throws and /test/refuses, and believes "X-Test-Https", and
/// "X-Test-Tls" of a visitor who keeps cookies.
/// </summary>
sealed class Installation : IAsyncDisposable
{
    public const string Password = "lantern-fjord-cobalt-42";

    readonly string _folder;
    readonly WebApplication _app;

    Installation(string folder, WebApplication app, LogLines log, FullDisk disk) =>
        (_folder, _app, Log, Disk) = (folder, app, log, disk);

    public IServiceProvider Services => _app.Services;

    public LogLines Log { get; }

    public FullDisk Disk { get; }

    public string DataFolder => Path.Combine(_folder, "data");

    public static async Task<Installation> StartAsync(
        TimeProvider? time = null, bool hasPeople = true, params (string Key, string Value)[] settings)
    {
        var installation = Build(time, settings);
        if (hasPeople)
        {
            TestFolder.WriteSchema(new(installation.DataFolder));
            await WebClinic.OpenAsync(installation.Services);
        }

        await installation._app.Services.PrepareCovidCxrAsync(isDemo: false, CancellationToken.None);
        if (hasPeople)
        {
            await GivePasswordsAsync(installation.Services);
        }

        installation.Map();
        await installation._app.StartAsync();
        return installation;
    }

    /// <summary>As far as Program.cs has come before it prepares anything.</summary>
    public static Installation Build(TimeProvider? time = null, params (string Key, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("covidcxr-web-").FullName;
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { ApplicationName = "CovidCxr.Web", EnvironmentName = "Production", ContentRootPath = folder });
        var log = new LogLines();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection([new("Limits:SignInsPerMinute", "1000"), new("Imaging:MinSidePixels", "1")]);
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)));
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        builder.Services.AddCovidCxrStorage(builder.Configuration);
        builder.Services.AddCovidCxrPlatform(builder.Configuration).AddCovidCxrEngine(builder.Configuration).AddCovidCxrClinic()
            .AddCovidCxrLaboratory(builder.Configuration).AddCovidCxrHospital(builder.Configuration);
        builder.Services.AddCovidCxrWeb(builder.Configuration);
        TestClinic.HashPasswordsFast(builder.Services);
        var disk = new FullDisk();
        builder.Services.ConfigureDbContext<CovidCxrDbContext>(options => options.AddInterceptors(disk));
        return new(folder, builder.Build(), log, disk);
    }

    public Uri Address => new(_app.Urls.First());

    /// <param name="headers">Of everything that it sends.</param>
    public Visitor Visit(params (string Name, string Value)[] headers) => new(Address, headers);

    /// <summary>Somebody whose password was right.</summary>
    public async Task<Visitor> VisitAsync(Actor actor)
    {
        var visitor = Visit();
        Assert.Equal(new Uri(Address, "/"), (await visitor.SignInAsync(actor.UserName)).Headers.Location);
        return visitor;
    }

    /// <summary>The person in the visitor's cookie, whom a circuit would be opened for.</summary>
    public ClaimsPrincipal PersonOf(Visitor visitor) =>
        Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(IdentityConstants.ApplicationScheme)
            .TicketDataFormat.Unprotect(visitor.Cookies.GetAllCookies().Single(c => c.Name == "covidcxr").Value)!.Principal;

    /// <summary>As if a device had made one; no device has it, unless it is given.</summary>
    public async Task GivePasskeyAsync(Actor actor, UserPasskeyInfo? passkey = null)
    {
        await using var scope = Services.CreateAsyncScope();
        var accounts = scope.ServiceProvider.GetRequiredService<UserManager<Account>>();
        var account = (await accounts.FindByIdAsync(actor.UserId.ToString()))!;
        Assert.True((await accounts.AddOrUpdatePasskeyAsync(
            account, passkey ?? new([1, 2, 3, 4, 5], [1], DateTimeOffset.UnixEpoch, 0, [], true, false, false, [1], [1]))).Succeeded);
    }

    /// <summary>As it does when it is told to.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    void Map()
    {
        _app.Use((context, next) =>
        {
            var isTls = context.Request.Headers.ContainsKey("X-Test-Tls");
            context.Request.Scheme = isTls || context.Request.Headers.ContainsKey("X-Test-Https") ? "https" : "http";
            if (isTls)
            {
                // As a browser behind it would, the visitor gives the cookies back; to its own plain address it would not.
                context.Response.OnStarting(() =>
                {
                    context.Response.Headers.SetCookie =
                        context.Response.Headers.SetCookie.Select(c => c!.Replace("; secure", "", StringComparison.OrdinalIgnoreCase))
                            .ToArray();
                    return Task.CompletedTask;
                });
            }

            return next(context);
        });
        _app.MapCovidCxrWeb(CovidCxr.Platform.Nodes.NodeRoles.All);
        _app.MapGet("/test/throws", string () => throw new InvalidOperationException("P-00317 must not be shown"));
        _app.MapGet("/test/refuses", string () => throw new Domain.Accounts.AccessRefusedException("no"));
    }

    static async Task GivePasswordsAsync(IServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        var accounts = scope.ServiceProvider.GetRequiredService<UserManager<Account>>();
        foreach (var actor in WebClinic.People)
        {
            var account = (await accounts.FindByIdAsync(actor.UserId.ToString()))!;
            account.LockoutEnabled = true;
            Assert.True((await accounts.AddPasswordAsync(account, Password)).Succeeded);
            Assert.True((await accounts.AddToRolesAsync(account, actor.Roles)).Succeeded);
        }
    }
}
