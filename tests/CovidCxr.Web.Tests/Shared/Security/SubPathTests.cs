using System.Net;
using CovidCxr.Web.Shared.Security;

namespace CovidCxr.Web.Tests.Shared.Security;

/// <summary>The program under a path of a host: by option, or by what a listed proxy says.</summary>
public sealed class SubPathTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/covidcxr/account/sign-in")]
    [InlineData("/account/sign-in")]
    public async Task PathBase_KeptOrTakenAway_IsTheBaseOfThePageAndItsCookies(string asked)
    {
        await using var installation = await Installation.StartAsync(settings: ("Proxies:PathBase", "/covidcxr"));
        using var visitor = installation.Visit();

        var page = await visitor.GetAsync(asked);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("<base href=\"/covidcxr/\"", await page.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Contains("path=/covidcxr;", page.Headers.GetValues("Set-Cookie").Single(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await visitor.GetAsync("/covidcxr/app.css")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await visitor.GetAsync("/covidcxr/health/alive")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await visitor.GetAsync("/health/alive")).StatusCode);
    }

    [Fact]
    public async Task PathBase_OfRedirects_IsKept()
    {
        await using var installation = await Installation.StartAsync(settings: ("Proxies:PathBase", "/covidcxr"));
        using var visitor = installation.Visit();
        Assert.Equal("/covidcxr/?a=b", (await visitor.GetAsync("/covidcxr?a=b")).Headers.Location!.ToString());
        Assert.EndsWith(
            "/covidcxr/account/sign-in?ReturnUrl=%2Fcovidcxr%2Fmodels",
            (await visitor.GetAsync("/covidcxr/models")).Headers.Location!.ToString(), StringComparison.Ordinal);

        (string Asked, string Expected)[] returns =
        [
            ("/covidcxr/models", "/covidcxr/models"), ("", "/covidcxr/"), ("/models", "/covidcxr/"), ("/covidcxrs/", "/covidcxr/"),
            ("/covidcxr//evil.example", "/covidcxr/"), ("/covidcxr/../other", "/covidcxr/"), ("/covidcxr/%2e%2E/other", "/covidcxr/"),
            ("/covidcxr/.%2e", "/covidcxr/"), ("/covidcxr/a..b", "/covidcxr/a..b"),
        ];
        await Assert.AllAsync(returns, async page =>
        {
            using var person = installation.Visit();
            var answer = await person.SignInAsync(
                "reader", page: "/covidcxr/account/sign-in?ReturnUrl=" + Uri.EscapeDataString(page.Asked));
            Assert.Equal(page.Expected, new Uri(installation.Address, answer.Headers.Location!).AbsolutePath);
        });
        using var reader = installation.Visit();
        await reader.SignInAsync("reader", page: "/covidcxr/account/sign-in");

        var left = await reader.PostAsync(
            "/covidcxr/account/sign-out", ("__RequestVerificationToken", await reader.TokenAsync("/covidcxr/")));

        Assert.Equal("/covidcxr/account/sign-in", left.Headers.Location!.ToString());
        Assert.Contains("nothing at this address", await visitor.ReadAsync("/covidcxr/not-found"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", "/x-rays", "/x-rays/")]
    [InlineData("127.0.0.1", "/x-rays/", "/x-rays/")]
    [InlineData("127.0.0.1", "/a/b", "/a/b/")]
    [InlineData("127.0.0.1", "//evil.example", "/")]
    [InlineData("127.0.0.1", "/\\evil.example", "/")]
    [InlineData("127.0.0.1", "/a/../b", "/")]
    [InlineData("127.0.0.1", "/\"><script>", "/")]
    [InlineData("127.0.0.1", "covidcxr", "/")]
    [InlineData("10.9.8.7", "/x-rays", "/")]
    [InlineData("", "/x-rays", "/")]
    public async Task ForwardedPrefix_IsBelievedOfListedProxiesAndAsAPathAlone(string proxies, string prefix, string expected)
    {
        await using var installation = await Installation.StartAsync(settings: ("Proxies:Addresses", proxies));
        using var visitor = installation.Visit(("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-Prefix", prefix), ("X-Test-Tls", "1"));

        Assert.Contains($"<base href=\"{expected}\"", await visitor.ReadAsync("/account/sign-in"), StringComparison.Ordinal);
        Assert.StartsWith(
            $"https://{installation.Address.Authority}{expected}account/sign-in?ReturnUrl=",
            (await visitor.GetAsync("/models")).Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("/covidcxr", true)]
    [InlineData("/a/b-c_d.e", true)]
    [InlineData("covidcxr", false)]
    [InlineData("/covidcxr/", false)]
    [InlineData("/", false)]
    [InlineData("//host", false)]
    [InlineData("/a b", false)]
    [InlineData("/..", false)]
    public void PathBase_OfTheOptions_IsAPath(string pathBase, bool isOne) =>
        Assert.Equal(isOne, new ProxyOptionsValidator().Validate(null, new() { PathBase = pathBase }).Succeeded);
}
