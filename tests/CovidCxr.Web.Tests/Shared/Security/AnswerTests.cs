using System.Net;
using System.Text.Json;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Testing;

namespace CovidCxr.Web.Tests.Shared.Security;

/// <summary>Headers, limits, and the words of refusals.</summary>
public sealed class AnswerTests : IAsyncLifetime
{
    Installation _installation = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _installation = await Installation.StartAsync(
            settings: [("Limits:UploadsPerMinute", "2"), ("Limits:SignInsPerMinute", "3"), ("Imaging:MaxFileMegabytes", "1")]);

    public ValueTask DisposeAsync() => _installation.DisposeAsync();

    [Fact]
    public async Task Answer_ToAnybody_HasTheSecurityHeaders()
    {
        (string Path, int Status, string Accept)[] answers =
        [
            ("/account/sign-in", 200, "text/html"), ("/", 302, "text/html"), ("/app.css", 200, "text/html"), ("/health", 200, "text/html"),
            ("/no/such/page", 302, "text/html"), ("/account/alive", 401, "application/json"),
        ];

        await Assert.AllAsync(answers, async answer =>
        {
            using var visitor = _installation.Visit();
            AssertHeaders(await visitor.GetAsync(answer.Path, answer.Accept), answer.Status, isCacheable: answer.Path == "/app.css");
        });
    }

    [Fact]
    public async Task Answer_OfEveryKind_HasTheSecurityHeaders()
    {
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        AssertHeaders(await reader.GetAsync("/"), 200);
        AssertHeaders(await reader.GetAsync("/admin/audit"), 302);
        AssertHeaders(await reader.GetAsync($"/studies/{Guid.NewGuid()}/pixels", "application/json"), 404);
        AssertHeaders(await reader.PostAsync("/account/sign-out"), 400);
        AssertHeaders(await reader.UploadAsync([1, 2, 3]), 422);
        AssertHeaders(await reader.GetAsync("/test/refuses"), 403);

        var missing = await reader.GetAsync("/no/such/page");
        AssertHeaders(missing, 404);
        Assert.Contains(
            "There is nothing at this address", await missing.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);

        var broken = await reader.GetAsync("/test/throws");
        AssertHeaders(broken, 500);
        var words = await broken.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("Something went wrong", words, StringComparison.Ordinal);
        Assert.DoesNotContain("P-00317", words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_OfTheNetwork_IsServedOverHttpsAlone_AndUnderTheNamesOfTheConfiguration()
    {
        await using var named = await Installation.StartAsync(settings: ("AllowedHosts", "cxr.clinic.example"));
        using var visitor = named.Visit();
        (string, string) name = ("Host", "cxr.clinic.example"), https = ("X-Test-Https", "1");

        var plain = await visitor.GetAsync("/account/sign-in", headers: name);
        var safe = await visitor.GetAsync("/account/sign-in", headers: [name, https]);

        Assert.Equal(HttpStatusCode.Forbidden, plain.StatusCode);
        Assert.Contains("over https alone", await plain.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, safe.StatusCode);
        Assert.Equal("max-age=31536000", Assert.Single(safe.Headers.GetValues("Strict-Transport-Security")));
        Assert.Equal(HttpStatusCode.OK, (await visitor.GetAsync("/health", headers: name)).StatusCode);
        var stranger = await visitor.GetAsync("/account/sign-in", headers: [("Host", "evil.example"), https]);
        Assert.Equal(HttpStatusCode.BadRequest, stranger.StatusCode);
        // Probes on the machine itself ask under its own name; a proxy that does so speaks for somebody far away.
        Assert.Equal(HttpStatusCode.OK, (await visitor.GetAsync("/health")).StatusCode);
        var far = await visitor.GetAsync("/account/sign-in", headers: ("X-Forwarded-For", "10.0.0.9"));
        Assert.Equal(HttpStatusCode.Forbidden, far.StatusCode);
        // Without names it is the machine's own.
        using var own = _installation.Visit();
        Assert.Equal(HttpStatusCode.BadRequest, (await own.GetAsync("/account/sign-in", headers: [name, https])).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await own.GetAsync("/account/sign-in")).StatusCode);
    }

    [Fact]
    public async Task Upload_AboveTheLimit_Is429WithATimeAndWords()
    {
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        using var other = await _installation.VisitAsync(TestClinic.OtherReader);
        await reader.UploadAsync([1]);
        await reader.UploadAsync([2]);

        var third = await reader.UploadAsync([3]);

        await AssertLimitedAsync(third);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await other.UploadAsync([4])).StatusCode);
    }

    [Fact]
    public async Task Upload_AboveTheQuotaOfADay_SaysHowManyHours()
    {
        await using var small = await Installation.StartAsync(settings: [("Limits:UploadsPerDay", "2")]);
        using var reader = await small.VisitAsync(TestClinic.Reader);
        using var other = await small.VisitAsync(TestClinic.OtherReader);
        // A directory that is read is no film: without its token it is refused, and not counted.
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await reader.SendAsync(HttpMethod.Post, "/studies/medium")).StatusCode);
        }

        await reader.UploadAsync([1]);
        await reader.UploadAsync([2]);

        var third = await reader.UploadAsync([3]);

        Assert.Equal(HttpStatusCode.TooManyRequests, third.StatusCode);
        Assert.StartsWith(
            "That is as much as one person may upload in a day. Try again in 2", await third.Content.ReadAsStringAsync(Cancellation),
            StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await other.UploadAsync([4])).StatusCode);
    }

    [Fact]
    public async Task SignIn_AboveTheLimit_Is429_AndThePageCanStillBeSeen()
    {
        using var visitor = _installation.Visit();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await visitor.SignInAsync($"nobody{i}")).StatusCode);
        }

        await AssertLimitedAsync(await visitor.SignInAsync("reader"));
        Assert.Equal(HttpStatusCode.OK, (await visitor.GetAsync("/account/sign-in")).StatusCode);
    }

    [Theory]
    [InlineData("", HttpStatusCode.TooManyRequests)]
    [InlineData("10.9.8.7", HttpStatusCode.TooManyRequests)]
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    public async Task ForwardedAddress_CountsFromListedProxiesAlone(string proxies, HttpStatusCode fourth)
    {
        await using var behind = await Installation.StartAsync(
            settings: [("Limits:SignInsPerMinute", "3"), ("Proxies:Addresses", proxies), ("FORWARDEDHEADERS_ENABLED", "true")]);
        HttpResponseMessage answer = null!;
        for (var i = 0; i < 4; i++)
        {
            using var visitor = behind.Visit(("X-Forwarded-For", $"192.0.2.{i}"), ("X-Test-Tls", "1"));
            answer = await visitor.SignInAsync($"nobody{i}");
        }

        Assert.Equal(fourth, answer.StatusCode);
    }

    [Fact]
    public async Task Upload_TooLarge_IsRefusedInWords()
    {
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        // Every sample another, so that the file does not shrink below the limit.
        var image = new GreyImage(1024, 1024, 16, [.. Enumerable.Range(0, 1024 * 1024).Select(i => (ushort)(i * 40503))]);
        byte[] large = [.. PngEncoder.Encode(image), .. new byte[1024 * 1024]];

        var response = await reader.UploadAsync(large);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("refused", answer.RootElement.GetProperty("outcome").GetString());
        Assert.Equal("The file is larger than 1 MB.", answer.RootElement.GetProperty("message").GetString());
    }

    static async Task AssertLimitedAsync(HttpResponseMessage response)
    {
        AssertHeaders(response, 429);
        Assert.InRange(response.Headers.RetryAfter?.Delta ?? default, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Assert.StartsWith("Too many requests", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    static void AssertHeaders(HttpResponseMessage response, int status, bool isCacheable = false)
    {
        Assert.Equal(status, (int)response.StatusCode);
        string Header(string name) => Assert.Single(response.Headers.NonValidated[name]);
        var directives = Header("Content-Security-Policy").Split(';', StringSplitOptions.TrimEntries);
        Assert.Contains("default-src 'none'", directives);
        Assert.Contains("script-src 'self'", directives);
        Assert.Contains("frame-ancestors 'none'", directives);
        Assert.Contains("form-action 'self'", directives);
        Assert.Equal("nosniff", Header("X-Content-Type-Options"));
        Assert.Equal("no-referrer", Header("Referrer-Policy"));
        Assert.Equal("same-origin", Header("Cross-Origin-Opener-Policy"));
        Assert.Equal(!isCacheable, response.Headers.CacheControl is { NoStore: true });
        Assert.False(response.Headers.Contains("Server"));
    }
}
