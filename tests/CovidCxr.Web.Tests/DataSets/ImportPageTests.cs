using Bunit;
using CovidCxr.Web.Features.DataSets;
using CovidCxr.Web.Shared.Security;
using CovidCxr.Web.Tests.Reading;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.DataSets;

/// <summary>The first step of an import, whatever way leads to it.</summary>
public sealed class ImportPageTests : BunitContext, IAsyncLifetime
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly Clinic _clinic = new();
    readonly BunitJSModuleInterop _script;

    public ImportPageTests()
    {
        _clinic.AddServices(Services);
        AddAuthorization().SetAuthorized(Clinic.Admin.UserName).SetPolicies(Policies.Administer);
        _script = JSInterop.SetupModule("./data-sets/upload.js");
        _script.Mode = JSRuntimeMode.Loose;
    }

    public ValueTask InitializeAsync() => new(Clinic.OpenAsync(Services));

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await base.DisposeAsync();
        await _clinic.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Form_AfterBack_HasItsScriptAgain()
    {
        var page = Open("/data-sets/import");
        Assert.Single(_script.Invocations["attach"]);

        Go("/data-sets/import?clinic=true");
        await page.WaitForAssertionAsync(() => Assert.Contains("pseudonyms", page.Markup, StringComparison.Ordinal), Patience);
        Go("/data-sets/import");

        await page.WaitForAssertionAsync(() => Assert.NotEmpty(page.FindAll("input[type=file]")), Patience);
        Assert.Equal(2, _script.Invocations["attach"].Count);
    }

    [Fact]
    public void Address_TypedByHand_ShowsTheForm() => Assert.NotEmpty(Open("/data-sets/import?archive=x&clinic=x").FindAll("input[type=file]"));

    IRenderedComponent<ImportPage> Open(string address)
    {
        Go(address);
        return Render<ImportPage>(p => p.AddCascadingValue(Task.FromResult(new AuthenticationState(Clinic.Principal(Clinic.Admin)))));
    }

    void Go(string address) => Services.GetRequiredService<NavigationManager>().NavigateTo(address);
}
