using System.Net;
using CovidCxr.Domain.Accounts;
using CovidCxr.Platform.Accounts;
using CovidCxr.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.Shared.Security;

/// <summary>A password that an administrator knows opens the page that changes it, and nothing else.</summary>
[Trait("Speed", "Slow")]
public sealed class OwnPasswordFirstTests : IAsyncLifetime
{
    const string Given = "saffron-glacier-09-tin", Own = "walnut-harvest-circuit-5";

    Installation _installation = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _installation = await Installation.StartAsync();

    public ValueTask DisposeAsync() => _installation.DisposeAsync();

    static Task<HttpResponseMessage> ChangeAsync(Visitor visitor, string current, string next) =>
        visitor.SubmitAsync("/account/password", "password", ("Input.Current", current), ("Input.Next", next));

    static async Task AssertOpensNothingElseAsync(Visitor visitor)
    {
        foreach (var path in new[] { "/", "/account/authenticator", "/account/passkeys", "/help" })
        {
            var answer = await visitor.GetAsync(path);
            Assert.Equal((HttpStatusCode.Redirect, "/account/password"), (answer.StatusCode, answer.Headers.Location?.OriginalString));
        }

        var (pixels, circuit) = (
            await visitor.GetAsync($"/studies/{Guid.NewGuid()}/pixels", "application/json"),
            await visitor.SendAsync(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1"));
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (pixels.StatusCode, circuit.StatusCode));
        Assert.Contains("An administrator set your password", await visitor.ReadAsync("/account/password"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Account_MadeByAnAdministrator_ChoosesItsOwnPasswordFirst()
    {
        await using (var scope = _installation.Services.CreateAsyncScope())
        {
            Assert.Empty(await scope.ServiceProvider.GetRequiredService<CreateAccount>().RunAsync(
                "locum", Given, [Role.Radiologist], TestClinic.Admin));
        }

        using var locum = _installation.Visit();
        await locum.SignInAsync("locum", Given);
        await AssertOpensNothingElseAsync(locum);
        Assert.Contains(
            "the password that you have", await (await ChangeAsync(locum, Given, Given)).Content.ReadAsStringAsync(Cancellation),
            StringComparison.Ordinal);
        await AssertOpensNothingElseAsync(locum);

        await ChangeAsync(locum, Given, Own);

        Assert.Equal(HttpStatusCode.OK, (await locum.GetAsync("/")).StatusCode);
        using var again = _installation.Visit();
        await again.SignInAsync("locum", Own);
        Assert.Equal(HttpStatusCode.OK, (await again.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task Password_ResetByAnAdministrator_IsChangedFirst()
    {
        using var before = await _installation.VisitAsync(TestClinic.Reader);
        Assert.Equal(HttpStatusCode.OK, (await before.GetAsync("/")).StatusCode);
        await using (var scope = _installation.Services.CreateAsyncScope())
        {
            Assert.Empty(await scope.ServiceProvider.GetRequiredService<ResetPassword>().RunAsync(
                TestClinic.Reader.UserId, Given, TestClinic.Admin));
        }

        using var reader = _installation.Visit();
        await reader.SignInAsync("reader", Given);
        await AssertOpensNothingElseAsync(reader);
        Assert.Equal(HttpStatusCode.Redirect, (await reader.PostAsync(
            "/account/sign-out", ("__RequestVerificationToken", await reader.TokenAsync("/account/password")))).StatusCode);
        await reader.SignInAsync("reader", Given);
        await ChangeAsync(reader, Given, Own);

        Assert.Equal(HttpStatusCode.OK, (await reader.GetAsync("/")).StatusCode);
    }
}
