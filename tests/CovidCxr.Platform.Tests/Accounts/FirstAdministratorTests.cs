using System.Text.RegularExpressions;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Studies;
using CovidCxr.Laboratory.Models;
using CovidCxr.Platform.Accounts;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.Tests.Accounts;

/// <summary>A new installation: in Production a one-time token, in Development three known accounts.</summary>
public sealed partial class FirstAdministratorTests : IAsyncLifetime
{
    const string Password = "lantern fjord cobalt";

    readonly TestClinic _clinic = new(hasPeople: false);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _clinic.RegisterNothingAsync();

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    async Task<string> OfferedAsync()
    {
        await _clinic.Services.PrepareCovidCxrAsync(isDemo: false, Cancellation);
        return _clinic.Logs.Lines.Select(l => Token().Match(l)).Last(m => m.Success).Groups[1].Value;
    }

    async Task StartDemoAsync()
    {
        await _clinic.Services.PrepareCovidCxrAsync(isDemo: true, Cancellation);
        await _clinic.Get<StartModel>().RunAsync(StarterModel.Path, Cancellation);
        await _clinic.Get<SeedPhantomStudies>().RunAsync(Cancellation);
    }

    Task<IReadOnlyList<string>> CreateAsync(string token, string name = "chief@clinic.example", string password = Password) =>
        _clinic.RequestAsync<CreateFirstAdministrator, IReadOnlyList<string>>(c => c.RunAsync(token, name, password));

    async Task<List<string>> AdministratorsAsync()
    {
        await using var db = _clinic.Context();
        return await (from ur in db.UserRoles
                      join r in db.Roles on ur.RoleId equals r.Id
                      join u in db.Users on ur.UserId equals u.Id
                      where r.Name == Role.Admin
                      select u.UserName).ToListAsync(Cancellation);
    }

    [Fact]
    public async Task RunAsync_Token_WorksOnce()
    {
        var token = await OfferedAsync();

        Assert.Empty(await CreateAsync($" {token} "));

        Assert.False(_clinic.Get<SetupToken>().IsOffered);
        Assert.NotEmpty(await CreateAsync(token, "second@clinic.example"));
        Assert.Equal(["chief@clinic.example"], await AdministratorsAsync());
        Assert.Equal(
            [AuditOutcome.Succeeded, AuditOutcome.Refused], (await _clinic.AuditAsync(AuditAction.AccountCreate)).Select(a => a.Outcome));
    }

    [Fact]
    public async Task RunAsync_FourVisitorsAtOnce_MakeOneAdministrator()
    {
        var token = await OfferedAsync();

        await Task.WhenAll(
            Enumerable.Range(0, 4).Select(i => Task.Run(() => CreateAsync(token, $"visitor{i}@clinic.example"), Cancellation)));

        Assert.Single(await AdministratorsAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("00000000000000000000000000000000")]
    [InlineData("0")]
    public async Task RunAsync_WrongToken_IsRefusedAndTheRightOneStillWorks(string wrong)
    {
        var token = await OfferedAsync();

        Assert.NotEmpty(await CreateAsync(wrong));

        Assert.Empty(await AdministratorsAsync());
        Assert.Empty(await CreateAsync(token));
    }

    [Fact]
    public async Task RunAsync_PasswordTooShort_LeavesTheToken()
    {
        var token = await OfferedAsync();

        Assert.NotEmpty(await CreateAsync(token, password: "short"));

        Assert.True(_clinic.Get<SetupToken>().IsOffered);
        Assert.Empty(await CreateAsync(token));
    }

    [Fact]
    public async Task PrepareAsync_WithAnAdministrator_OffersNothing()
    {
        await CreateAsync(await OfferedAsync());

        await using var again = TestClinic.Build(_clinic.Folder.Data.Root, _clinic.Time);
        await again.PrepareCovidCxrAsync(isDemo: false, Cancellation);

        Assert.False(((SetupToken)again.GetService(typeof(SetupToken))!).IsOffered);
    }

    [Fact]
    public async Task PrepareAsync_CrashedBetweenAccountAndRole_OffersAgain()
    {
        await using (var db = _clinic.Context())
        {
            db.Users.Add(new Account { Id = Guid.NewGuid(), UserName = "half", NormalizedUserName = "HALF", SecurityStamp = "s" });
            await db.SaveChangesAsync(Cancellation);
        }

        Assert.Empty(await CreateAsync(await OfferedAsync()));
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task PrepareAsync_DemoTwiceAndAfterACrash_IsTheSameDemo()
    {
        await StartDemoAsync();
        await using (var db = _clinic.Context())
        {
            // As if the first start had been killed halfway.
            db.Users.Remove(await db.Users.SingleAsync(u => u.UserName == "admin@demo.local", Cancellation));
            db.Studies.RemoveRange(await db.Studies.OrderBy(s => s.Id).Skip(9).ToListAsync(Cancellation));
            await db.SaveChangesAsync(Cancellation);
        }

        await StartDemoAsync();
        await StartDemoAsync();

        Assert.Equal((3, 12), (await _clinic.CountAsync<Account>(), await _clinic.CountAsync<Study>()));
        await using var after = _clinic.Context();
        Assert.Equal(8, await after.Studies.Select(s => s.PatientNumber).Distinct().CountAsync(Cancellation));
        Assert.False(_clinic.Get<SetupToken>().IsOffered);
    }

    [Fact]
    public async Task PrepareAsync_DemoWherePeopleWork_AddsNobody()
    {
        Assert.Empty(await CreateAsync(await OfferedAsync()));

        await StartDemoAsync();

        Assert.Equal((1, 0), (await _clinic.CountAsync<Account>(), await _clinic.CountAsync<Study>()));
    }

    [GeneratedRegex("one-time token: ([0-9a-f]{32})")]
    private static partial Regex Token();
}
