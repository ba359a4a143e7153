using Bunit;
using CovidCxr.Application.DataSets;
using CovidCxr.Domain.Training;
using CovidCxr.Learning.Data;
using CovidCxr.Web.Features.DataSets;
using CovidCxr.Web.Shared.Security;
using CovidCxr.Web.Tests.Reading;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.DataSets;

/// <summary>A version's page where its files are not what they were.</summary>
public sealed class DataSetPageTests : ClinicPages
{
    public DataSetPageTests() => AddAuthorization().SetAuthorized(Clinic.Admin.UserName).SetPolicies(Policies.Administer);

    [Fact]
    public async Task Page_WhoseManifestIsDamaged_SaysSo()
    {
        var version = new DataSetVersion { Name = "films", Number = 1, Change = "Imported", State = DataSetState.Ready, ManifestHash = new('0', 64), CreatedByName = Clinic.Admin.UserName };
        Services.GetRequiredService<DataSetPlaces>().Write(version.Id, new ImageManifest("films", null, []));
        await using (var db = Clinic.Context(Services))
        {
            db.DataSetVersions.Add(version);
            await db.SaveChangesAsync(Cancellation);
        }

        var page = Draw<DataSetPage>(Clinic.Admin, p => p.Add(d => d.Id, version.Id));

        await page.WaitForAssertionAsync(() => Assert.Contains("SHA-256 differs", page.Find(".form-error").TextContent, StringComparison.Ordinal), Patience);
        Assert.DoesNotContain("Looking for duplicates", page.Markup, StringComparison.Ordinal);
    }
}
