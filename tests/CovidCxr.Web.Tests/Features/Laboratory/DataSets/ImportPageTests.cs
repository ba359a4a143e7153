using Bunit;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Laboratory.DataSets;
using CovidCxr.Web.Shared.Security;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.Extensions.DependencyInjection;

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

    [Fact]
    public async Task Classes_ManyAsTheyAre_AreMergedInOneStep()
    {
        var root = Services.GetRequiredService<ImportSources>().Root;
        for (var i = 0; i < 13; i++)
        {
            var folder = Directory.CreateDirectory(Path.Combine(root, "many", $"finding {i}"));
            File.WriteAllBytes(Path.Combine(folder.FullName, $"{i}.png"), PngEncoder.Encode(new(64, 64, 8, new ushort[64 * 64])));
        }

        var sick = Directory.CreateDirectory(Path.Combine(root, "many", "COVID-19"));
        File.WriteAllBytes(Path.Combine(sick.FullName, "c.png"), PngEncoder.Encode(new(64, 64, 8, new ushort[64 * 64])));
        var page = Open("/data-sets/import?folder=many");
        await page.WaitForAssertionAsync(() => Assert.Equal(14, Names(page).Count), Patience);

        await page.FindAll("button").Single(b => b.TextContent.Trim() == "Merge 13 classes").ClickAsync(new());

        Assert.Equal([("Call COVID-19", "COVID-19")], Names(page).Where(n => n.Value != "Other"));
        Assert.Equal(14, Names(page).Count);
    }

    static List<(string Label, string? Value)> Names(IRenderedComponent<ImportPage> page) =>
        [.. page.FindAll("input[aria-label^='Call ']").Select(i => (i.GetAttribute("aria-label")!, i.GetAttribute("value")))];

    IRenderedComponent<ImportPage> Open(string address)
    {
        Go(address);
        return Draw<ImportPage>(TestClinic.Admin);
    }
}
