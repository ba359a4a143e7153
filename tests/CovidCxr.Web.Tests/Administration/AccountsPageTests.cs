using Bunit;
using CovidCxr.Application.Accounts;
using CovidCxr.Domain.Accounts;
using CovidCxr.Web.Features.Administration;
using CovidCxr.Web.Tests.Reading;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.Administration;

/// <summary>Roles by ticking boxes, with the real use cases on a real database.</summary>
public sealed class AccountsPageTests : BunitContext, IAsyncLifetime
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly Clinic _clinic = new();

    public AccountsPageTests() => _clinic.AddServices(Services);

    static CancellationToken Cancellation => Xunit.TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await Clinic.OpenAsync(Services);
        await using (var db = Clinic.Context(Services))
        {
            await db.Users.ExecuteUpdateAsync(s => s.SetProperty(u => u.SecurityStamp, "stamp"), Cancellation);
        }

        await using var scope = Services.CreateAsyncScope();
        var roles = scope.ServiceProvider.GetRequiredService<RoleManager<IdentityRole<Guid>>>();
        foreach (var role in Role.All)
        {
            await roles.CreateAsync(new(role) { Id = Guid.NewGuid() });
        }

        await scope.ServiceProvider.GetRequiredService<ChangeAccount>().RunAsync(Clinic.Admin.UserId, [Role.Admin], isDisabled: false, Clinic.Admin);
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await base.DisposeAsync();
        await _clinic.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Roles_TickedOneAfterTheOther_AreBothKept()
    {
        var page = await OpenAsync();
        var (first, second) = (Box(page, "reader is Radiologist"), Box(page, "reader is Department lead"));

        await first.ChangeAsync(new() { Value = true });
        await second.ChangeAsync(new() { Value = true });

        var roles = (await Services.GetRequiredService<ListAccounts>().RunAsync(Clinic.Admin, Cancellation)).Single(a => a.UserName == "reader").Roles;
        Assert.Equal([Role.DepartmentLead, Role.Radiologist], roles);
    }

    [Fact]
    public async Task Role_TakenFromOneself_IsRefusedInWordsAndStays()
    {
        var page = await OpenAsync();

        await Box(page, "admin is Administrator").ChangeAsync(new() { Value = false });

        Assert.Contains("your own administration", page.Find(".form-error").TextContent, StringComparison.Ordinal);
        Assert.True(Box(page, "admin is Administrator").HasAttribute("checked"));
    }

    async Task<IRenderedComponent<AccountsPage>> OpenAsync()
    {
        var page = Render<AccountsPage>(p => p.AddCascadingValue(Task.FromResult(new AuthenticationState(Clinic.Principal(Clinic.Admin)))));
        await page.WaitForAssertionAsync(() => Assert.NotEmpty(page.FindAll("tbody tr")), Patience);
        return page;
    }

    static AngleSharp.Dom.IElement Box(IRenderedComponent<AccountsPage> page, string name) => page.Find($"input[aria-label='{name}']");
}
