using Bunit;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Laboratory.DataSets;
using CovidCxr.Web.Shared.Security;
using CovidCxr.Web.Tests.Features.Clinic.Readings;

namespace CovidCxr.Web.Tests.Features.Laboratory.DataSets;

/// <summary>The first step of an import, whatever way leads to it.</summary>
public sealed class ImportPageTests : ClinicPages
{
    readonly BunitJSModuleInterop _script;

    public ImportPageTests()
    {
        AddAuthorization().SetAuthorized(TestClinic.Admin.UserName).SetPolicies(AccessPolicies.Administer);
        _script = JSInterop.SetupModule("./data-sets/upload.js");
        _script.Mode = JSRuntimeMode.Loose;
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
    public void Address_TypedByHand_ShowsTheForm() =>
        Assert.NotEmpty(Open("/data-sets/import?archive=x&clinic=x").FindAll("input[type=file]"));

    IRenderedComponent<ImportPage> Open(string address)
    {
        Go(address);
        return Draw<ImportPage>(TestClinic.Admin);
    }

}
