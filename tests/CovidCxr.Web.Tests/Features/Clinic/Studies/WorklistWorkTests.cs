using AngleSharp.Dom;
using Bunit;
using CovidCxr.Clinic.Worklist;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using CovidCxr.Web.Shared.Security;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WorklistPage = CovidCxr.Web.Features.Clinic.Studies.WorklistPage;

namespace CovidCxr.Web.Tests.Features.Clinic.Studies;

/// <summary>What is done from the worklist: urgent films, whose they are, and saved filters.</summary>
public sealed class WorklistWorkTests : ClinicPages
{
    readonly SlowNavigation _browser = new("/");
    Guid _first, _second;

    public WorklistWorkTests()
    {
        Services.AddSingleton<NavigationManager>(_browser);
        AddAuthorization().SetAuthorized(TestClinic.Reader.UserName).SetPolicies(AccessPolicies.ViewStudies, AccessPolicies.UploadStudies);
    }

    protected override async Task FillAsync()
    {
        (_first, _second) = (
            await WebClinic.AddStudyAsync(Services, "P-1"), await WebClinic.AddStudyAsync(Services, "P-2", day: 2));
        await using var db = WebClinic.Context(Services);
        var role = db.Roles.Add(new(Role.Radiologist) { Id = Guid.NewGuid(), NormalizedName = "RADIOLOGIST" }).Entity.Id;
        db.UserRoles.AddRange(new[] { TestClinic.Reader, TestClinic.OtherReader }.Select(
            a => new IdentityUserRole<Guid> { UserId = a.UserId, RoleId = role }));
        await db.SaveChangesAsync(Cancellation);
    }

    async Task<IRenderedComponent<WorklistPage>> OpenAsync(Actor? actor = null)
    {
        var page = Draw<WorklistPage>(actor ?? TestClinic.Reader);
        await page.WaitForAssertionAsync(() => Assert.NotEmpty(page.FindAll("a.row")), Patience);
        return page;
    }

    static IElement Button(IRenderedComponent<WorklistPage> page, string words) =>
        page.FindAll("button").First(b => b.TextContent.Trim().StartsWith(words, StringComparison.Ordinal));

    static IElement Field(IRenderedComponent<WorklistPage> page, string words) =>
        page.FindAll("label").First(l => l.TextContent.Trim().StartsWith(words, StringComparison.Ordinal)).QuerySelector("select")!;

    static Task ChooseAsync(IRenderedComponent<WorklistPage> page, string number) =>
        page.Find($"input[aria-label='Choose {number}']").ChangeAsync(new() { Value = true });

    static async Task SaidAsync(IRenderedComponent<WorklistPage> page, string words) =>
        await page.WaitForAssertionAsync(() => Assert.Contains(words, page.Markup, StringComparison.Ordinal), Patience);

    async Task<Study> StudyAsync(Guid id)
    {
        await using var db = WebClinic.Context(Services);
        return await db.Studies.SingleAsync(s => s.Id == id, Cancellation);
    }

    [Fact]
    public async Task Lead_AssignsTheChosen_AndTheListSaysForWhom()
    {
        var page = await OpenAsync(TestClinic.Lead);
        await ChooseAsync(page, "P-1");
        await Button(page, "Assign or mark (1)").ClickAsync(new());
        await Field(page, "Assign to").ChangeAsync(new() { Value = TestClinic.OtherReader.UserId.ToString() });
        await page.FindAll("fieldset button")[0].ClickAsync(new());

        await SaidAsync(page, "1 study changed.");
        Assert.Equal(TestClinic.OtherReader.UserId, (await StudyAsync(_first)).AssignedTo);
        Assert.Null((await StudyAsync(_second)).AssignedTo);
        Assert.Equal(["", "other"], page.FindAll("td.assignee").Select(c => c.TextContent.Trim()));
        // What was chosen is done.
        Assert.Empty(page.FindAll("td.choose input[checked]"));
    }

    [Fact]
    public async Task Reader_TakesTheWholeList_AndNothingIsChosenBeforehand()
    {
        var page = await OpenAsync();
        await Button(page, "Assign or mark").ClickAsync(new());
        Assert.All(page.FindAll("fieldset button"), b => Assert.True(b.HasAttribute("disabled")));
        await Field(page, "Assign to").ChangeAsync(new() { Value = TestClinic.Reader.UserId.ToString() });
        await page.FindAll("fieldset button")[0].ClickAsync(new());

        await SaidAsync(page, "2 studies changed.");
        Assert.Equal(["you", "you"], page.FindAll("td.assignee").Select(c => c.TextContent.Trim()));
        Assert.Contains("Mine (2)", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WholeList_ThatHasChangedMeanwhile_IsLeftAlone()
    {
        var page = await OpenAsync();
        await Button(page, "Assign or mark").ClickAsync(new());
        await Field(page, "Assign to").ChangeAsync(new() { Value = TestClinic.Reader.UserId.ToString() });
        // Nobody has told the page.
        await using (var db = WebClinic.Context(Services))
        {
            await db.AllStudies.Where(s => s.Id == _second).ExecuteUpdateAsync(s => s.SetProperty(x => x.IsWithdrawn, true), Cancellation);
        }

        await page.FindAll("fieldset button")[0].ClickAsync(new());

        await SaidAsync(page, "The list has changed meanwhile: nothing was done.");
        Assert.Null((await StudyAsync(_first)).AssignedTo);
    }

    [Fact]
    public async Task Urgent_IsSaidByAWordAndASign_AndStandsFirst()
    {
        var page = await OpenAsync();
        Assert.Equal("P-2", page.FindAll("a.row")[0].TextContent);
        await Button(page, "Assign or mark").ClickAsync(new());
        // Chosen after the panel was opened for the whole list: what is chosen is meant.
        await ChooseAsync(page, "P-1");
        await Field(page, "Urgent because").ChangeAsync(new() { Value = nameof(UrgencyReason.Isolation) });
        await page.FindAll("fieldset button")[1].ClickAsync(new());

        await page.WaitForAssertionAsync(() => Assert.Equal("P-1", page.FindAll("a.row")[0].TextContent), Patience);
        var said = page.Find("td.state strong");
        Assert.Equal("▲ urgent", string.Join(' ', said.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal("decides on a bed or isolation", said.GetAttribute("title"));
        Assert.Contains("▲ 1 urgent", page.Markup, StringComparison.Ordinal);
        Assert.Single(page.FindAll("td.state strong"));
    }

    [Theory]
    [InlineData("/?sort=Probability")]
    [InlineData("/?prediction=COVID-19")]
    public async Task Work_OnAListByAnswers_IsNotOffered(string address)
    {
        _browser.NavigateTo(address);
        _browser.Arrive();
        var page = await OpenAsync(TestClinic.Lead);

        await Button(page, "Assign or mark").ClickAsync(new());

        await SaidAsync(page, "who reads a film blinded would learn of them");
        Assert.Empty(page.FindAll("fieldset button"));
    }

    [Fact]
    public async Task Filters_OfWorkAndUrgency_StandInTheAddress()
    {
        var page = await OpenAsync();

        await page.Find("select[aria-label='Assigned to']").ChangeAsync(new() { Value = "me" });
        Assert.Equal("http://localhost/?assigned=me", _browser.Last);
        await page.InvokeAsync(_browser.Arrive);
        await SaidAsync(page, "No study matches these filters.");
        await page.Find("select[aria-label='Read or unread']").ChangeAsync(new() { Value = "urgent" });
        Assert.Equal("http://localhost/?assigned=me&read=urgent", _browser.Last);
        await page.InvokeAsync(_browser.Arrive);
        Assert.Equal("urgent", page.Find("select[aria-label='Read or unread']").GetAttribute("value"));
        Assert.Equal("me", page.Find("select[aria-label='Assigned to']").GetAttribute("value"));
    }

    [Fact]
    public async Task Filter_SavedUnderAName_IsALinkIsRenamedAndDeleted()
    {
        _browser.NavigateTo("/?view=PA&read=False&page=1");
        _browser.Arrive();
        var page = await OpenAsync();
        await SaveAsync(page, "PA to read");

        var link = page.Find("nav.saved-filters a[aria-current]");
        Assert.Equal(("PA to read", "./?read=False&view=PA"), (link.TextContent.Trim(), link.GetAttribute("href")));
        await SaveAsync(page, "PA");
        Assert.Equal(["All studies", "PA"], page.FindAll("nav.saved-filters a").Select(a => a.TextContent.Trim()));

        await Button(page, "Save filter").ClickAsync(new());
        await Button(page, "Delete “PA”").ClickAsync(new());
        await page.WaitForAssertionAsync(() => Assert.Empty(page.FindAll("nav.saved-filters")), Patience);
    }

    static async Task SaveAsync(IRenderedComponent<WorklistPage> page, string name)
    {
        await Button(page, "Save filter").ClickAsync(new());
        await page.Find("form input[maxlength]").ChangeAsync(new() { Value = name });
        await page.Find("form[aria-label='Save this filter']").SubmitAsync();
        await page.WaitForAssertionAsync(
            () => Assert.Contains(page.FindAll("nav.saved-filters a"), a => a.TextContent.Trim() == name), Patience);
    }

    [Fact]
    public async Task Default_OpensFirst_AndAllStudiesAreOneLinkAway()
    {
        await KeepAsync("night", "read=False&view=PA", isDefault: true);

        var page = Draw<WorklistPage>(TestClinic.Reader);
        await page.WaitForAssertionAsync(() => Assert.Equal("./?read=False&view=PA", _browser.Last), Patience);
        Assert.Empty(page.FindAll("a.row"));
        await page.InvokeAsync(_browser.Arrive);
        await page.WaitForAssertionAsync(() => Assert.Equal(2, page.FindAll("a.row").Count), Patience);

        _browser.NavigateTo("./");
        await page.InvokeAsync(_browser.Arrive);
        await page.WaitForAssertionAsync(
            () => Assert.Equal("All studies", page.Find("nav.saved-filters a[aria-current]").TextContent.Trim()), Patience);
        Assert.Equal("./", _browser.Last);
    }

    [Fact]
    public async Task Address_WithAQueryOfItsOwn_IsNotReplacedByTheDefault()
    {
        await KeepAsync("night", "read=True", isDefault: true);
        _browser.NavigateTo("/?asked=true");
        _browser.Arrive();

        var page = Draw<WorklistPage>(TestClinic.Reader);

        await SaidAsync(page, "Nothing more is asked of you.");
        Assert.Equal("/?asked=true", _browser.Last);
    }

    [Theory]
    [InlineData("assigned=0198f000-0000-7000-8000-0000000000ff&prediction=gone")]
    [InlineData("sort=Weight&status=Lost&days=x&page=-7&assigned=somebody&read=never")]
    [InlineData("<script>&&=%zz#here")]
    public async Task Saved_StaleOrBad_IsHarmless(string query)
    {
        await KeepAsync("old", query, isDefault: true);

        var page = Draw<WorklistPage>(TestClinic.Reader);
        await page.WaitForAssertionAsync(() => Assert.NotNull(_browser.Last), Patience);
        await page.InvokeAsync(_browser.Arrive);

        await page.WaitForAssertionAsync(() => Assert.DoesNotContain("Loading", page.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal("old · opens first", page.FindAll("nav.saved-filters a")[1].TextContent.Trim());
        Assert.StartsWith("http://localhost/?", _browser.Uri, StringComparison.Ordinal);
    }

    async Task KeepAsync(string name, string query, bool isDefault) => Assert.Null(
        await Services.GetRequiredService<SavedFilters>().SaveAsync(name, query, isDefault, TestClinic.Reader, Cancellation));

    [Fact]
    public async Task Next_OpensTheFilmThatWaits_OrSaysThatNoneDoes()
    {
        var page = await OpenAsync();
        await NextAsync();
        await page.WaitForAssertionAsync(() => Assert.Equal($"studies/{_second}", _browser.Last), Patience);

        await Services.GetRequiredService<AssignStudies>().RunAsync(
            [_first, _second], TestClinic.OtherReader.UserId, TestClinic.Lead, Cancellation);
        await NextAsync();
        await SaidAsync(page, "Nothing unread waits for you.");

        // Found and clicked before the page is drawn again.
        Task NextAsync() => page.InvokeAsync(() => Button(page, "Next unread").ClickAsync(new()));
    }
}
