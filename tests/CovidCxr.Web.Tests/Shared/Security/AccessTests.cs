using System.Net;
using System.Reflection;
using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Readings;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Testing;
using CovidCxr.Web.Shared.Security;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.JSInterop;

namespace CovidCxr.Web.Tests.Shared.Security;

/// <summary>Every page and endpoint that the program maps, against everybody who might ask. One without a row here fails.</summary>
public sealed class AccessTests : IAsyncLifetime
{
    const string SignInFirst = "sign in", Denied = "denied";

    // For anonymous, the reader whose study and reading it is, another reader, the lead, the administrator: a status, or where a page sends
    // them.
    static readonly Dictionary<string, string[]> Table = new()
    {
        // Pages.
        ["/"] = [SignInFirst, "200", "200", "200", "200"],
        ["/studies/{Id:guid}"] = [SignInFirst, "200", "200", "200", Denied],
        ["/studies/{Id:guid}/print"] = [SignInFirst, "200", "200", "200", Denied],
        ["/patients/{*Number}"] = [SignInFirst, "200", "200", "200", Denied],
        ["/priors/{*Number}"] = [SignInFirst, "200", "200", "200", Denied],
        ["/help"] = [SignInFirst, "200", "200", "200", "200"],
        ["/models"] = [SignInFirst, "200", "200", "200", "200"],
        ["/models/{Id:guid}"] = [SignInFirst, "200", "200", "200", "200"],
        ["/models/{Id:guid}/gate"] = [SignInFirst, "200", "200", "200", "200"],
        ["/models/{Id:guid}/items"] = [SignInFirst, "200", "200", "200", "200"],
        ["/models/acceptance/{Id:guid}"] = [SignInFirst, Denied, Denied, "200", "200"],
        ["/models/shadow"] = [SignInFirst, Denied, Denied, "200", "200"],
        ["/agreement"] = [SignInFirst, "200", "200", "200", Denied],
        ["/agreement/studies"] = [SignInFirst, "200", "200", "200", Denied],
        ["/agreement/drift"] = [SignInFirst, Denied, Denied, "200", Denied],
        ["/agreement/drift/studies"] = [SignInFirst, Denied, Denied, "200", Denied],
        ["/agreement/report"] = [SignInFirst, Denied, Denied, "200", Denied],
        ["/agreement/discordant"] = [SignInFirst, Denied, Denied, "200", Denied],
        ["/agreement/adjudication"] = [SignInFirst, Denied, Denied, "200", Denied],
        ["/agreement/policies"] = [SignInFirst, Denied, Denied, "200", Denied],
        ["/agreement/references"] = [SignInFirst, Denied, Denied, "200", Denied],
        ["/settings/policy"] = [SignInFirst, Denied, Denied, "200", Denied],
        ["/training"] = [SignInFirst, Denied, Denied, Denied, "200"],
        ["/training/{Id:guid}"] = [SignInFirst, Denied, Denied, Denied, "200"],
        ["/data-sets/{Id:guid}/light-table"] = [SignInFirst, Denied, Denied, Denied, "200"],
        ["/training/compare"] = [SignInFirst, Denied, Denied, Denied, "200"],
        ["/data-sets"] = [SignInFirst, Denied, Denied, Denied, "200"],
        ["/data-sets/import"] = [SignInFirst, Denied, Denied, Denied, "200"],
        ["/data-sets/{Id:guid}"] = [SignInFirst, Denied, Denied, Denied, "200"],
        ["/admin/accounts"] = [SignInFirst, Denied, Denied, Denied, "200"],
        ["/admin/api-clients"] = [SignInFirst, Denied, Denied, Denied, "200"],
        ["/admin/webhooks"] = [SignInFirst, Denied, Denied, Denied, "200"],
        ["/admin/audit"] = [SignInFirst, Denied, Denied, Denied, "200"],
        ["/admin/hospital"] = [SignInFirst, Denied, Denied, Denied, "200"],
        ["/admin/hospital/results"] = [SignInFirst, Denied, Denied, Denied, "200"],
        ["/admin/hospital/messages"] = [SignInFirst, Denied, Denied, "200", "200"],
        ["/admin/system"] = [SignInFirst, Denied, Denied, Denied, "200"],
        ["/account/password"] = [SignInFirst, "200", "200", "200", "200"],
        ["/account/denied"] = [SignInFirst, "200", "200", "200", "200"],
        ["/account/authenticator"] = [SignInFirst, "200", "200", "200", "200"],
        ["/account/providers"] = [SignInFirst, "200", "200", "200", "200"],
        ["/account/passkeys"] = [SignInFirst, "200", "200", "200", "200"],
        ["/account/code"] = ["200", "200", "200", "200", "200"],
        ["/account/sign-in"] = ["200", "200", "200", "200", "200"],
        ["/account/setup"] = ["200", "200", "200", "200", "200"],
        ["/error"] = ["200", "200", "200", "200", "200"],
        ["/not-found"] = ["200", "200", "200", "200", "200"],

        // Endpoints.
        ["/health"] = ["200", "200", "200", "200", "200"],
        ["/health/alive"] = ["200", "200", "200", "200", "200"],
        ["/health/ready"] = ["200", "200", "200", "200", "200"],
        ["/account/alive"] = ["401", "204", "204", "204", "204"],
        ["/studies/{id:guid}/pixels"] = ["401", "200", "200", "200", "403"],
        ["/studies/{id:guid}/images/{image:guid}/pixels"] = ["401", "200", "200", "200", "403"],
        ["/studies/{id:guid}/images/{image:guid}/thumbnail"] = ["401", "200", "200", "200", "403"],
        ["/studies/{id:guid}/heatmap/{classIndex:int}"] = ["401", "200", "404", "200", "403"],
        ["/training/{id:guid}/confused/{index:int}"] = ["401", "403", "403", "403", "404"],
        ["/training/{id:guid}/files/{file}"] = ["401", "403", "403", "403", "404"],
        ["/data-sets/{id:guid}/thumbnail/{index:int}"] = ["401", "403", "403", "403", "404"],
        ["/studies/{id:guid}/report.txt"] = ["401", "200", "200", "200", "403"],
        ["/studies/{id:guid}/report.pdf"] = ["401", "200", "200", "200", "403"],
        ["/studies/{id:guid}/thumbnail"] = ["401", "200", "200", "200", "403"],
        ["/admin/audit/export"] = ["401", "403", "403", "403", "200"],
        ["/admin/incidents/{id:guid}"] = ["401", "403", "403", "403", "200"],
        ["/agreement/export.csv"] = ["401", "200", "200", "200", "403"],
        ["/agreement/assess-ai.csv"] = ["401", "403", "403", "200", "403"],
        ["POST /api/references"] = ["401", "403", "403", "400", "403"],
        // By a key, and nothing else.
        ["/api/v1/studies"] = ["401", "401", "401", "401", "401"],
        ["/api/v1/studies/{id:guid}"] = ["401", "401", "401", "401", "401"],
        ["/api/v1/studies/{id:guid}/prediction"] = ["401", "401", "401", "401", "401"],
        ["/api/v1/studies/{id:guid}/readings"] = ["401", "401", "401", "401", "401"],
        ["/api/v1/models"] = ["401", "401", "401", "401", "401"],
        ["/api/v1/health"] = ["401", "401", "401", "401", "401"],
        ["POST /api/v1/studies"] = ["401", "401", "401", "401", "401"],
        ["POST /api/v1/dicom-web/studies"] = ["401", "401", "401", "401", "401"],
        ["POST /api/v1/dicom-web/studies/{study}"] = ["401", "401", "401", "401", "401"],
        ["POST /api/v1/references"] = ["401", "401", "401", "401", "401"],
        ["/api/openapi.json"] = ["401", "403", "403", "403", "200"],
        ["/api/docs/{documentName?}"] = [SignInFirst, Denied, Denied, Denied, "200"],
        // Scripts alone, as they come with the package.
        ["/api/docs/scalar.js"] = ["200", "200", "200", "200", "200"],
        ["/api/docs/scalar.aspnetcore.js"] = ["200", "200", "200", "200", "200"],
        ["/api/docs/favicon.svg"] = ["200", "200", "200", "200", "200"],
        ["POST /data-sets/upload"] = ["401", "403", "403", "403", "400"],
        ["POST /studies/upload"] = ["401", "200", "200", "403", "403"],
        ["POST /studies/medium"] = ["401", "400", "400", "403", "403"],
        ["POST /studies/medium/film"] = ["401", "400", "400", "403", "403"],
        ["POST /exports/films"] = ["401", "403", "403", "400", "403"],
        ["POST /account/sessions/end"] = ["401", "302", "302", "302", "302"],
        ["POST /account/passkeys/begin"] = ["401", "400", "400", "400", "400"],
        ["POST /account/passkeys/add"] = ["401", "400", "400", "400", "400"],
        ["POST /account/passkeys/ask"] = ["400", "400", "400", "400", "400"],
        ["POST /account/passkeys/sign-in"] = ["400", "400", "400", "400", "400"],
        ["POST /account/confirm/ask"] = ["401", "400", "400", "400", "400"],
        ["POST /account/confirm/passkey"] = ["401", "400", "400", "400", "400"],
        ["POST /account/confirm/provider"] = ["401", "400", "400", "400", "400"],
        // There is no provider of that name, nor a token.
        ["/account/providers/{provider}"] = ["404", "404", "404", "404", "404"],
        ["POST /account/providers/{provider}/sign-out"] = ["400", "400", "400", "400", "400"],
        ["POST /account/sign-out"] = ["401", "302", "302", "302", "302"],

        // A file that does not exist.
        ["/{**path:file}"] = [SignInFirst, "404", "404", "404", "404"],

        // Circuits: for signed-in people alone; 400 and 404 are the hub's own answers to a bare request.
        ["/_blazor/negotiate"] = ["401", "200", "200", "200", "200"],
        ["/_blazor"] = ["401", "400", "400", "400", "400"],
        ["/_blazor/disconnect"] = ["401", "400", "400", "400", "400"],
        ["/_blazor/initializers"] = ["401", "200", "200", "200", "200"],
        ["/_framework/opaque-redirect"] = ["401", "400", "400", "400", "400"],
    };

    static readonly string[] NotTheReaders = [
        "/admin", "/settings", "/training", "/data-sets", "/api", "/agreement/references", "/agreement/drift", "/agreement/report",
        "/agreement/discordant", "/agreement/adjudication", "/agreement/policies", "/models/acceptance", "/models/shadow",
        "/exports/films"];

    // No method of ours is called by a browser's script: what such a method lets through, no policy sees.
    static readonly string[] ScriptCallable = [];

    Installation _installation = null!;
    Guid _study;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _installation = await Installation.StartAsync();
        _study = await WebClinic.AddStudyAsync(_installation.Services);
        var request = new RecordReadingRequest(Guid.NewGuid(), _study, ReadingStage.Blind, Opinion.Normal, 3, null, null, null, null);
        Assert.IsType<RecordReadingResult.Recorded>(
            await _installation.Services.GetRequiredService<RecordReading>().RunAsync(request, TestClinic.Reader, Cancellation));
    }

    public ValueTask DisposeAsync() => _installation.DisposeAsync();

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task EveryEndpoint_IsOpenToWhomTheTableSays_AndNobodyElse()
    {
        List<Visitor> people = [_installation.Visit()];
        foreach (var actor in WebClinic.People)
        {
            people.Add(await _installation.VisitAsync(actor));
        }

        var endpoints = Endpoints().ToHashSet();
        List<string> wrong = [.. endpoints.Except(Table.Keys).Select(e => $"{e} has no row"), .. Table.Keys.Except(endpoints).Select(e =>
            $"{e} is not mapped")];
        // Signing out last.
        foreach (var (endpoint, expected) in Table.OrderBy(r => r.Key.EndsWith("/sign-out", StringComparison.Ordinal)))
        {
            foreach (var (person, answer) in people.Zip(expected))
            {
                var actual = await AskAsync(person, endpoint);
                if (actual != answer)
                {
                    wrong.Add($"{endpoint} for person {people.IndexOf(person)}: {actual}, not {answer}");
                }
            }
        }

        Assert.Equal("", string.Join(Environment.NewLine, wrong));
        people.ForEach(p => p.Dispose());
    }

    [Fact]
    public async Task EveryPost_WithoutTheFormsToken_IsRefused()
    {
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        // SignalR's own: it takes no form, and same-site cookies alone identify it.
        var posts = Routes()
            .Where(r => Methods(r).Contains("POST") && !r.RoutePattern.RawText!.Contains("_blazor", StringComparison.Ordinal))
            .Select(r => "/" + Concrete(r.RoutePattern.RawText!).TrimStart('/')).ToList();
        Assert.Contains("/studies/upload", posts);
        Assert.Contains("/account/sign-in", posts);

        List<string> wrong = [];
        foreach (var path in posts.Distinct().Where(p => !NotTheReaders.Any(n => p.StartsWith(n, StringComparison.Ordinal))))
        {
            // The page of /health holds no token.
            var answer = path == "/studies/upload"
                ? await reader.UploadAsync([1], page: "/health")
                : await reader.PostAsync(path, ("Input.UserName", "x"), ("_handler", "sign-in"));
            var status = answer.StatusCode;
            if (status != HttpStatusCode.BadRequest)
            {
                wrong.Add($"{path}: {status}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void EveryPage_SaysWhomItIsFor()
    {
        var silent = typeof(AccessPolicies).Assembly.GetTypes().Where(t => t.IsDefined(typeof(RouteAttribute)))
            .Where(t => !t.IsDefined(typeof(AuthorizeAttribute)) && !t.IsDefined(typeof(AllowAnonymousAttribute)));

        // On a circuit the router asks the page alone, not the fallback policy.
        Assert.Empty(silent);
    }

    [Fact]
    public void HubsAndScriptCallableMethods_AreTheTable()
    {
        string[] rooms = ["Web", "Platform", "Clinic", "Hospital", "Laboratory", "Domain", "Storage"];
        var assemblies = rooms.Select(room => Assembly.Load($"CovidCxr.{room}")).ToList();
        var methods = from type in assemblies.SelectMany(a => a.GetTypes())
                      from method in type.GetMethods(
                          BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance)
                      where method.IsDefined(typeof(JSInvokableAttribute))
                          || (typeof(Hub).IsAssignableFrom(type) && method.DeclaringType == type)
                      select $"{type.Name}.{method.Name}";

        Assert.Equal(ScriptCallable, methods);
    }

    [Fact]
    public async Task StaticAssets_AreScriptsStylesAndImagesAlone()
    {
        var kinds = _installation.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<StaticAssetDescriptor>() is not null).Select(e => Path.GetExtension(e.RoutePattern.RawText!))
            .Distinct();

        Assert.Subset(new HashSet<string> { ".js", ".css", ".svg", ".map", ".gz", ".br" }, kinds.ToHashSet());
        using var anonymous = _installation.Visit();
        Assert.Equal(HttpStatusCode.OK, (await anonymous.GetAsync("/app.css")).StatusCode);
    }

    IEnumerable<RouteEndpoint> Routes() => _installation.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(e => e.Metadata.GetMetadata<StaticAssetDescriptor>() is null && !e.RoutePattern.RawText!.StartsWith(
            "/test/", StringComparison.Ordinal));

    IEnumerable<string> Endpoints() => Routes().Select(r => (Methods(r) is ["POST"] ? "POST /" : "/") + r.RoutePattern.RawText!.Trim('/'));

    static IReadOnlyList<string> Methods(RouteEndpoint route) => route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [];

    string Concrete(string route) =>
        route.Replace("{id:guid}", _study.ToString(), StringComparison.OrdinalIgnoreCase)
            .Replace("{image:guid}", _study.ToString(), StringComparison.Ordinal)
            .Replace("{classIndex:int}", "1", StringComparison.Ordinal).Replace("{index:int}", "0", StringComparison.Ordinal)
            .Replace("{file}", "report", StringComparison.Ordinal).Replace("{documentName?}", "", StringComparison.Ordinal)
        .Replace("{**path:file}", "nothing.js", StringComparison.Ordinal);

    async Task<string> AskAsync(Visitor visitor, string endpoint)
    {
        var isPost = endpoint.StartsWith("POST ", StringComparison.Ordinal);
        var path = Concrete(isPost ? endpoint[5..] : endpoint);
        var response = path switch
        {
            "/studies/upload" => await visitor.UploadAsync(PngEncoder.Encode(PhantomDrawer.Draw(PhantomKind.Clear, 1, 64, 8))),
            "/account/sign-out" or "/account/sessions/end" =>
                await visitor.PostAsync(path, ("__RequestVerificationToken", await visitor.TokenAsync("/"))),
            _ when isPost || path is "/_blazor/negotiate" or "/_blazor/disconnect" =>
                await visitor.SendAsync(HttpMethod.Post, path + "?negotiateVersion=1"),
            _ when Table[endpoint][0] == "401" => await visitor.GetAsync(path, "application/json"),
            _ => await visitor.GetAsync(path),
        };
        return (response.Headers.Location?.ToString(), isPost) switch
        {
            ({ } to, false) when to.Contains("/account/sign-in", StringComparison.Ordinal) => SignInFirst,
            ({ } to, false) when to.Contains("/account/denied", StringComparison.Ordinal) => Denied,
            _ => $"{(int)response.StatusCode}",
        };
    }
}
