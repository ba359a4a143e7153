using Bunit;
using CovidCxr.Domain.Accounts;
using CovidCxr.Platform.Accounts;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Platform.Accounts;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.Features.Platform.Accounts;

/// <summary>Roles by ticking boxes, with the real use cases on a real database.</summary>
public sealed class AccountsPageTests : ClinicPages
{
    protected override async Task FillAsync()
    {
        await using (var db = WebClinic.Context(Services))
        {
            await db.Users.ExecuteUpdateAsync(s => s.SetProperty(u => u.SecurityStamp, "stamp"), Cancellation);
        }

        await using var scope = Services.CreateAsyncScope();
        var roles = scope.ServiceProvider.GetRequiredService<RoleManager<IdentityRole<Guid>>>();
        foreach (var role in Role.All)
        {
            await roles.CreateAsync(new(role) { Id = Guid.NewGuid() });
        }

        await scope.ServiceProvider.GetRequiredService<ChangeAccount>()
            .RunAsync(TestClinic.Admin.UserId, [Role.Admin], isDisabled: false, TestClinic.Admin);
    }

    [Fact]
    public async Task Roles_TickedOneAfterTheOther_AreBothKept()
    {
        var page = await OpenAsync();
        var (first, second) = (Box(page, "reader is Radiologist"), Box(page, "reader is Department lead"));

        await first.ChangeAsync(new() { Value = true });
        await second.ChangeAsync(new() { Value = true });

        var roles = (await Services.GetRequiredService<ListAccounts>().RunAsync(TestClinic.Admin, Cancellation))
            .Single(a => a.UserName == "reader").Roles;
        Assert.Equal([Role.DepartmentLead, Role.Radiologist], roles);
    }

    [Fact]
    public async Task Role_TakenFromOneself_IsRefusedInWordsAndStays()
    {
        var page = await OpenAsync();

        await Box(page, "admin is Administrator").ChangeAsync(new() { Value = false });

        Assert.Contains("your own administration", page.Find(".mud-alert-outlined-error").TextContent, StringComparison.Ordinal);
        Assert.True(Box(page, "admin is Administrator").HasAttribute("checked"));
    }

    [Fact]
    public async Task FullName_GivenByAnAdministrator_IsShownWithTheUserName_AndTakenAwayAgain()
    {
        var page = await OpenAsync();
        await NameAsync(page, "  Dr. Anna Weber ");
        Assert.Equal("Dr. Anna Weber (reader)", await ShownAsync());

        await NameAsync(page, "two\u2028lines\n");
        Assert.Contains("on one line", page.Find(".mud-alert-outlined-error").TextContent, StringComparison.Ordinal);
        Assert.Equal("Dr. Anna Weber (reader)", await ShownAsync());

        await page.Find("button[aria-label='Name reader']").ClickAsync(new());
        await NameAsync(page, " ");
        Assert.Equal("reader", await ShownAsync());
        var trail = await WebClinic.Context(Services).Audit.Where(a => a.Detail == "reader: full name").OrderBy(a => a.Id)
            .Select(a => new { a.Before, a.After }).ToListAsync(Cancellation);
        Assert.Equal([(null, "Dr. Anna Weber"), ("Dr. Anna Weber", null)], trail.Select(t => (t.Before, t.After)));
    }

    static async Task NameAsync(IRenderedComponent<AccountsPage> page, string name)
    {
        await page.Find("button[aria-label='Name reader']").ClickAsync(new());
        await page.Find("form input[maxlength='100']").ChangeAsync(new() { Value = name });
        await page.Find("form").SubmitAsync();
    }

    async Task<string> ShownAsync()
    {
        await using var db = WebClinic.Context(Services);
        return await db.Users.Where(u => u.UserName == "reader").Select(u => u.ShownName).SingleAsync(Cancellation);
    }

    async Task<IRenderedComponent<AccountsPage>> OpenAsync()
    {
        var page = Draw<AccountsPage>(TestClinic.Admin);
        await page.WaitForAssertionAsync(() => Assert.NotEmpty(page.FindAll("tbody tr")), Patience);
        return page;
    }

    static AngleSharp.Dom.IElement Box(IRenderedComponent<AccountsPage> page, string name) => page.Find($"input[aria-label='{name}']");
}
