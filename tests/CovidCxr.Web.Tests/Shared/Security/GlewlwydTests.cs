using System.Net;
using CovidCxr.Testing;

namespace CovidCxr.Web.Tests.Shared.Security;

/// <summary>Against a foreign identity provider: a reader links the account, and signs in without a password from then on.</summary>
public sealed class GlewlwydTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Reader_LinksTheAccount_AndSignsInByIt()
    {
        Assert.SkipUnless(GlewlwydProvider.IsHere, "No Glewlwyd here: apt-get install --no-install-recommends glewlwyd.");
        await using var provider = await GlewlwydProvider.StartAsync();
        await using var installation = await Installation.StartAsync(settings: BentProvider.OptionsOf(
            0, "hospital", "Hospital", provider.Issuer, BentProvider.ClientId, BentProvider.Secret, ("Scope", "openid")));
        await provider.SetUpAsync(installation.Address, "hospital");
        using var reader = await installation.VisitAsync(TestClinic.Reader);
        var page = await reader.SubmitAsync("/account/providers", "provider-hospital", ("Password", Installation.Password));
        var asked = ProviderTests.LinkIn(await page.Content.ReadAsStringAsync(Cancellation));
        Assert.Contains("request_uri=", asked, StringComparison.Ordinal);

        var back = await reader.GetAsync(await provider.SignInAsync(asked));

        Assert.Equal("/account/providers", back.Headers.Location!.OriginalString);
        using var elsewhere = installation.Visit();
        var start = (await elsewhere.GetAsync("/account/providers/hospital?ReturnUrl=%2Fmodels")).Headers.Location!.OriginalString;
        var callback = await provider.SignInAsync(start);
        Assert.Equal("/models", (await elsewhere.GetAsync(callback)).Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.OK, (await elsewhere.GetAsync("/")).StatusCode);
        // What it gave once it takes no second time, and neither do we.
        Assert.Contains("Refused=Failed", (await elsewhere.GetAsync(callback)).Headers.Location!.OriginalString, StringComparison.Ordinal);
    }
}
