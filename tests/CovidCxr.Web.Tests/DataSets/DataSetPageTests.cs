using Bunit;
using CovidCxr.Application.DataSets;
using CovidCxr.Domain.Training;
using CovidCxr.Learning.Data;
using CovidCxr.Web.Features.DataSets;
using CovidCxr.Web.Shared.Security;
using CovidCxr.Web.Tests.Reading;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.DataSets;

/// <summary>A version's page where its files are not what they were.</summary>
public sealed class DataSetPageTests : BunitContext, IAsyncLifetime
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly Clinic _clinic = new();

    public DataSetPageTests()
    {
        _clinic.AddServices(Services);
        AddAuthorization().SetAuthorized(Clinic.Admin.UserName).SetPolicies(Policies.Administer);
    }

    public ValueTask InitializeAsync() => new(Clinic.OpenAsync(Services));

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await base.DisposeAsync();
        await _clinic.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Page_WhoseManifestIsDamaged_SaysSo()
    {
        var version = new DataSetVersion { Name = "films", Number = 1, Change = "Imported", State = DataSetState.Ready, ManifestHash = new('0', 64), CreatedByName = Clinic.Admin.UserName };
        Services.GetRequiredService<DataSetPlaces>().Write(version.Id, new ImageManifest("films", null, []));
        await using (var db = Clinic.Context(Services))
        {
            db.DataSetVersions.Add(version);
            await db.SaveChangesAsync(Xunit.TestContext.Current.CancellationToken);
        }

        var page = Render<DataSetPage>(p => p.Add(d => d.Id, version.Id).AddCascadingValue(Task.FromResult(new AuthenticationState(Clinic.Principal(Clinic.Admin)))));

        await page.WaitForAssertionAsync(() => Assert.Contains("SHA-256 differs", page.Find(".form-error").TextContent, StringComparison.Ordinal), Patience);
        Assert.DoesNotContain("Looking for duplicates", page.Markup, StringComparison.Ordinal);
    }
}
