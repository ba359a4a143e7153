using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Engine.Serving;
using CovidCxr.Laboratory.Models;
using CovidCxr.Storage.Files;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CovidCxr.Laboratory.Tests.Models;

/// <summary>The films whose answers are known, on models that fail while they serve.</summary>
[Trait("Speed", "Slow")]
public sealed class GoldenFilmsTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new(isReal: true);
    readonly string _folder = Directory.CreateTempSubdirectory("covidcxr-golden-").FullName;
    Guid _first;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _first = await TestModels.ActivateAsync(_clinic, TestModels.First);

    public async ValueTask DisposeAsync()
    {
        await _clinic.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    async Task<GoldenCheck> CheckAsync() => (await _clinic.Get<CheckGoldenFilms>().RunAsync(actor: null, Cancellation))!;

    /// <summary>A model file that answers otherwise, and nobody registered.</summary>
    string Stranger()
    {
        var path = Path.Combine(_folder, "stranger.safetensors");
        TestModels.Write(path, seed: 5);
        return path;
    }

    async Task<Guid> ActivateOtherAsync()
    {
        var path = Path.Combine(_folder, "other.safetensors");
        TestModels.Write(path, seed: 7);
        _clinic.Time.Advance(TimeSpan.FromMinutes(1));
        return await TestModels.ActivateAsync(_clinic, path, _first);
    }

    async Task<string> FileOfAsync(Guid version)
    {
        await using var db = _clinic.Context();
        return Path.Combine(
            _clinic.Get<DataFolder>().Models,
            await db.ModelVersions.Where(m => m.Id == version).Select(m => m.FileKey).SingleAsync(Cancellation));
    }

    async Task<(Guid? Active, string? Serves)> StateAsync()
    {
        await using var db = _clinic.Context();
        var active = await db.ModelVersions.SingleOrDefaultAsync(m => m.IsActive, Cancellation);
        var serves = _clinic.Get<ModelHost>().Current?.Sha256;
        return (active?.Id, serves is null ? null : await db.ModelVersions.Where(m => m.Sha256 == serves).Select(m => m.Name)
            .SingleOrDefaultAsync(Cancellation) ?? "a stranger");
    }

    async Task<HealthStatus> HealthAsync(TimeSpan later = default) =>
        (await new GoldenFilmsHealth(_clinic.Get<CheckGoldenFilms>(), new Later(_clinic.Get<TimeProvider>(), later))
            .CheckHealthAsync(new(), Cancellation)).Status;

    sealed class Later(TimeProvider time, TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + by;
    }

    [Fact]
    public async Task Check_OfAModelThatIsRight_FindsNothing()
    {
        Assert.Equal((null, null), (await CheckAsync() is var check ? check.Problem : "", check.Outcome));

        Assert.Empty(await _clinic.AuditAsync(AuditAction.GoldenFilms));
        Assert.Equal(HealthStatus.Healthy, await HealthAsync());
    }

    [Fact]
    public async Task Check_WhereAnotherFileAnswers_LoadsTheActiveOneAnew()
    {
        await _clinic.Get<ModelHost>().SwapAsync(Stranger(), Cancellation);
        Assert.Equal((_first, "a stranger"), await StateAsync());

        var check = await CheckAsync();

        Assert.Equal("another file answers in its place", check.Problem);
        Assert.Equal("version 1 was loaded anew and is right again", check.Outcome);
        Assert.Equal((_first, "first"), await StateAsync());
        var row = Assert.Single(await _clinic.AuditAsync(AuditAction.GoldenFilms));
        Assert.StartsWith("version 1, another file answers in its place; version 1 was loaded anew", row.Detail, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Degraded, await HealthAsync());
        Assert.Null((await CheckAsync()).Problem);
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(TimeSpan.FromDays(1)));
    }

    [Fact]
    public async Task Check_WhereItsFileIsDamagedToo_ReturnsToTheVersionAcceptedBefore()
    {
        var other = await ActivateOtherAsync();
        await File.WriteAllTextAsync(await FileOfAsync(other), "damaged", Cancellation);
        await _clinic.Get<ModelHost>().SwapAsync(Stranger(), Cancellation);

        var check = await CheckAsync();

        Assert.Equal("version 1, accepted before it, answers now", check.Outcome);
        Assert.Equal((_first, "first"), await StateAsync());
        var periods = await _clinic.Get<ListModelPeriods>().RunAsync(Cancellation);
        Assert.Equal([(1, true, null), (2, false, "admin"), (1, false, "admin")], periods.Select(p => (p.Number, p.IsRollBack, p.By)));
        Assert.True(periods[1].IsWithdrawn);
        Assert.NotNull(await _clinic.Get<GetModelNotice>().RunAsync(TestClinic.Reader, Cancellation));
        Assert.Null((await CheckAsync()).Problem);
    }

    [Fact]
    public async Task Check_OfAnswersThatAreNotThoseOfItsActivation_ReturnsToTheVersionAcceptedBefore()
    {
        var other = await ActivateOtherAsync();
        await using var db = _clinic.Context();
        var firsts = await db.GoldenAnswers.Where(g => g.ModelVersionId == _first).Select(g => g.Answers).SingleAsync(Cancellation);
        await db.GoldenAnswers.Where(g => g.ModelVersionId == other)
            .ExecuteUpdateAsync(s => s.SetProperty(g => g.Answers, firsts), Cancellation);

        var check = await CheckAsync();

        Assert.StartsWith("a probability differs by 0.", check.Problem, StringComparison.Ordinal);
        Assert.Equal((_first, "first"), await StateAsync());
    }

    [Fact]
    public async Task Check_WhereNoVersionIsRight_LetsNoneAnswer_UntilItsFileIsBack()
    {
        var file = await FileOfAsync(_first);
        var whole = await File.ReadAllBytesAsync(file, Cancellation);
        await File.WriteAllTextAsync(file, "damaged", Cancellation);
        await _clinic.Get<ModelHost>().SwapAsync(Stranger(), Cancellation);

        var check = await CheckAsync();

        Assert.Equal("no accepted version is left that is right: none answers, and films wait", check.Outcome);
        Assert.Equal((_first, (string?)null), await StateAsync());

        await File.WriteAllBytesAsync(file, whole, Cancellation);
        Assert.Equal("version 1 was loaded anew and is right again", (await CheckAsync()).Outcome);
        Assert.Equal((_first, "first"), await StateAsync());
    }

    [Fact]
    public async Task Pin_ByAnotherProgram_StaysAndSaysTheDifference()
    {
        await using var db = _clinic.Context();
        await db.GoldenAnswers.ExecuteUpdateAsync(s => s.SetProperty(g => g.Program, "an older one"), Cancellation);
        Assert.Equal("its answers to the golden films are not known", (await CheckAsync()).Problem);

        Assert.Null(await _clinic.Get<ActivateModel>().RunAsync(_first, _first, actor: null, Cancellation));

        var rows = await db.GoldenAnswers.AsNoTracking().OrderBy(g => g.Id).ToListAsync(Cancellation);
        Assert.Equal([null, 0.0], rows.Select(r => r.Difference));
        Assert.Null((await CheckAsync()).Problem);
    }

    [Theory]
    [InlineData(0.01, false)]
    [InlineData(0.1, true)]
    public async Task Check_AfterAnotherProgramAnsweredOtherwise_RaisesTheAlarmOnce(double by, bool isSaid)
    {
        await using var db = _clinic.Context();
        var row = await db.GoldenAnswers.AsNoTracking().SingleAsync(Cancellation);
        var older = $"an older one, {_clinic.Get<ModelHost>().Device}";
        var answers = System.Text.Json.JsonSerializer.Deserialize<float[][]>(row.Answers)!;
        answers[0][0] += (float)by;
        var olders = System.Text.Json.JsonSerializer.Serialize(answers);
        await db.GoldenAnswers.ExecuteUpdateAsync(
            s => s.SetProperty(g => g.Program, older).SetProperty(g => g.Answers, olders), Cancellation);
        // Of another device, and newer: not what is compared with.
        db.GoldenAnswers.Add(new() { ModelVersionId = _first, Program = "an older one, another device", Answers = row.Answers });
        await db.SaveChangesAsync(Cancellation);

        Assert.Null(await _clinic.Get<ActivateModel>().RunAsync(_first, _first, actor: null, Cancellation));
        var check = await CheckAsync();

        Assert.Equal(isSaid, check.Problem?.StartsWith("since the program changed a probability differs by 0.100", StringComparison.Ordinal)
            ?? false);
        Assert.Equal((_first, "first"), await StateAsync());
        Assert.Equal(isSaid ? 1 : 0, (await _clinic.AuditAsync(AuditAction.GoldenFilms)).Count);
        Assert.Equal(isSaid ? HealthStatus.Degraded : HealthStatus.Healthy, await HealthAsync());
        Assert.Null((await CheckAsync()).Problem);
    }

    [Fact]
    public async Task Activate_OfAVersionThatNoLongerAnswersAsItDid_IsRefused_AndTheActiveOneStays()
    {
        var other = await ActivateOtherAsync();
        await using var db = _clinic.Context();
        var others = await db.GoldenAnswers.Where(g => g.ModelVersionId == other).Select(g => g.Answers).SingleAsync(Cancellation);
        await db.GoldenAnswers.Where(g => g.ModelVersionId == _first)
            .ExecuteUpdateAsync(s => s.SetProperty(g => g.Answers, others), Cancellation);

        var refusal = await _clinic.Get<ActivateModel>().RunAsync(_first, other, TestClinic.Admin, Cancellation);

        Assert.StartsWith("On the golden films it does not answer as it did", refusal, StringComparison.Ordinal);
        Assert.Equal((other, "other"), await StateAsync());
    }

    [Fact]
    public async Task Check_WhereTheVersionBeforeIsWrongToo_WithdrawsNothing()
    {
        var other = await ActivateOtherAsync();
        await using var db = _clinic.Context();
        await db.GoldenAnswers.ExecuteUpdateAsync(s => s.SetProperty(g => g.Answers, "[]"), Cancellation);

        var check = await CheckAsync();

        Assert.Equal("no accepted version is left that is right: none answers, and films wait", check.Outcome);
        Assert.Equal((other, (string?)null), await StateAsync());
        Assert.DoesNotContain(await _clinic.Get<ListModelPeriods>().RunAsync(Cancellation), p => p.IsWithdrawn);
    }

    [Fact]
    public async Task Unload_WhereAnotherVersionIsActiveByNow_DoesNothing()
    {
        var other = await ActivateOtherAsync();

        Assert.False(await _clinic.Get<ActivateModel>().UnloadAsync(_first, Cancellation));

        Assert.Equal((other, "other"), await StateAsync());
    }

    [Fact]
    public Task Check_ByNoAdministrator_IsRefused() => Assert.ThrowsAsync<AccessRefusedException>(
        () => _clinic.Get<CheckGoldenFilms>().RunAsync(TestClinic.Lead, Cancellation));
}
