using CovidCxr.Engine.Serving;
using CovidCxr.Laboratory.Models;
using CovidCxr.Platform.Nodes;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Laboratory.Tests.Models;

/// <summary>Two programs on one database of a server, of which the other promotes.</summary>
public sealed class FollowActiveModelTests : IAsyncLifetime
{
    readonly TestClinic _clinic = Clinic();
    readonly FollowActiveModel _follow;
    readonly ServiceProvider _other;
    Guid _first, _second;

    public FollowActiveModelTests()
    {
        _follow = ActivatorUtilities.CreateInstance<FollowActiveModel>(_clinic.Services);
        _other = TestClinic.Build(
            _clinic.Folder.Data.Root, _clinic.Time, settings: [.. TestClinic.SettingsOf(_clinic.Folder.Storage), ("Node:Roles", "Web")]);
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _first = await TestModels.ActivateAsync(_clinic, TestModels.First);
        _second = await TestModels.RegisterAsync(_clinic, TestModels.Second);
        await _follow.LookAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _follow.Dispose();
        await _other.DisposeAsync();
        await _clinic.DisposeAsync();
    }

    static TestClinic Clinic()
    {
        Assert.SkipWhen(PostgreSqlServer.Missing is not null, PostgreSqlServer.Missing ?? "");
        return new(isPostgreSql: true);
    }

    async Task PromoteElsewhereAsync(Guid version, Guid before) => Assert.Null(
        await _other.GetRequiredService<ActivateModel>().RunAsync(version, before, TestClinic.Admin, Cancellation));

    async Task<(int? Shown, bool IsActive)> ServedAsync()
    {
        await using var db = _clinic.Context();
        var served = _clinic.Get<ModelHost>().Current?.Sha256;
        return (_clinic.Get<ThisNode>().Serves, await db.ModelVersions.AnyAsync(m => m.IsActive && m.Sha256 == served, Cancellation));
    }

    [Fact]
    public async Task LookAsync_VersionPromotedByAnotherProgram_AnswersHereToo()
    {
        Assert.Equal((1, true), await ServedAsync());
        await PromoteElsewhereAsync(_second, _first);
        Assert.Equal((1, false), await ServedAsync());

        await _follow.LookAsync(Cancellation);

        Assert.Equal((2, true), await ServedAsync());
    }

    [Fact]
    public async Task LookAsync_ProgramWithoutAModel_LoadsTheNextThatIsPromoted()
    {
        _clinic.Get<ModelHost>().Unload();
        await _follow.LookAsync(Cancellation);
        // Whatever took it out of service, another look at the same one does not put it back.
        Assert.Equal((null, false), await ServedAsync());

        await PromoteElsewhereAsync(_second, _first);
        await _follow.LookAsync(Cancellation);

        Assert.Equal((2, true), await ServedAsync());
    }

    [Fact]
    public async Task CheckGoldenFilms_VersionJustPromotedElsewhere_IsNoFaultOfThisProgram()
    {
        await PromoteElsewhereAsync(_second, _first);

        Assert.Null(await _clinic.Get<CheckGoldenFilms>().RunAsync(TestClinic.Admin, Cancellation));
        Assert.Null(await _other.GetRequiredService<CheckGoldenFilms>().RunAsync(TestClinic.Admin, Cancellation));
    }
}
