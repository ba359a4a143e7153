using Bunit;
using CovidCxr.Domain.DataSets;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Learning.Data;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Laboratory.DataSets;
using CovidCxr.Web.Shared.Security;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.Features.Laboratory.DataSets;

/// <summary>A version's page where its files are not what they were.</summary>
public sealed class DataSetPageTests : ClinicPages
{
    public DataSetPageTests() => AddAuthorization().SetAuthorized(TestClinic.Admin.UserName).SetPolicies(AccessPolicies.Administer);

    [Fact]
    public async Task Division_AsItIsOffered_HasATestPart_AndWarnsWithoutOne()
    {
        SplitRequest? asked = null;
        var form = Draw<SplitForm>(TestClinic.Admin, p => p.Add(f => f.OnDivide, (SplitRequest request) => asked = request));
        Assert.Empty(form.FindAll(".notice"));

        await form.Find("form").SubmitAsync();

        Assert.Equal(new SplitRequest(0.15, 0.15), asked);
        await form.FindAll("input[inputmode], input[type=number]")[1].ChangeAsync(new() { Value = "0" });
        Assert.Contains("Without a test part", form.Find(".notice").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_WhoseManifestIsDamaged_SaysSo()
    {
        var version = new DataSetVersion
        {
            Name = "films",
            Number = 1,
            Change = "Imported",
            State = DataSetState.Ready,
            ManifestHash = new('0', 64),
            CreatedByName = TestClinic.Admin.UserName
        };
        Services.GetRequiredService<DataSetPlaces>().Write(version.Id, new ImageManifest("films", null, []));
        await using (var db = WebClinic.Context(Services))
        {
            db.DataSetVersions.Add(version);
            await db.SaveChangesAsync(Cancellation);
        }

        var page = Draw<DataSetPage>(TestClinic.Admin, p => p.Add(d => d.Id, version.Id));

        await page.WaitForAssertionAsync(
            () => Assert.Contains("SHA-256 differs", page.Find(".mud-alert-outlined-error").TextContent, StringComparison.Ordinal),
            Patience);
        Assert.DoesNotContain("Looking for duplicates", page.Markup, StringComparison.Ordinal);
    }
}
