using CovidCxr.Clinic.Answers;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Clinic.Tests.Answers;

/// <summary>What another program is told, and above all what it is not.</summary>
public sealed class TellAnswerTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new(settings: ("Imaging:MinSidePixels", "1"));
    Guid _study, _shown;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static Actor Client => new(TestClinic.Numbered(0xA1), "API client bridge", new HashSet<string> { Role.Program, Role.DepartmentLead });

    public async ValueTask InitializeAsync()
    {
        _study = await _clinic.UploadAsync();
        _shown = await _clinic.PredictAsync(_study);
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    Task<AnswerRelease?> TellAsync() => _clinic.Get<TellAnswer>().RunAsync(_study, Client, Cancellation);

    Task<ToldReadings?> ReadingsAsync() => _clinic.Get<TellReadings>().RunAsync(_study, Client, Cancellation);

    async Task<(ReadingStage? Next, bool IsRevealed)> OpenAsync(Actor reader) =>
        await _clinic.Get<GetStudy>().RunAsync(_study, isView: false, reader, Cancellation) is { } d
            ? (d.NextStage, d.IsRevealed)
            : default;

    [Fact]
    public async Task BlindedFirst_NothingIsToldBeforeTheLock_AndThenItIsNoSecret()
    {
        Assert.IsType<AnswerRelease.HeldBack>(await TellAsync());
        Assert.Equal((0, true), await ReadingsAsync() is { } held ? (held.Readings.Count, held.HeldBack is not null) : default);
        Assert.Equal(0, await _clinic.CountAsync<Disclosure>());
        Assert.Empty(await _clinic.AuditAsync(AuditAction.StudyView));

        await _clinic.ReadAsync(_study, ReadingStage.Blind);
        Assert.Equal((ReadingStage.Blind, false), await OpenAsync(TestClinic.OtherReader));

        Assert.Equal(_shown, Assert.IsType<AnswerRelease.Released>(await TellAsync()).Prediction.Id);
        Assert.Equal((ReadingStage.Concurrent, true), await OpenAsync(TestClinic.OtherReader));
        Assert.Equal((ReadingStage.Final, true), await OpenAsync(TestClinic.Reader));
        Assert.Equal(("API client bridge", _study), Assert.Single(await _clinic.AuditAsync(AuditAction.StudyView)) is var a
            ? (a.UserName!, a.StudyId!.Value)
            : default);
    }

    [Fact]
    public async Task Readings_TellTheAnswerToo()
    {
        await _clinic.ReadAsync(_study, ReadingStage.Blind);
        await _clinic.ReadAsync(_study, ReadingStage.Final, shown: _shown, opinion: Opinion.Covid19);

        var told = await ReadingsAsync();

        Assert.Equal([ReadingStage.Blind, ReadingStage.Final], told!.Readings.Select(r => r.Stage));
        Assert.Equal((ReadingStage.Concurrent, true), await OpenAsync(TestClinic.OtherReader));
    }

    /// <summary>Whether an opinion agrees tells the answer, since the opinion is told.</summary>
    [Theory]
    [InlineData(StudyStatus.Withheld)]
    [InlineData(StudyStatus.Ready)]
    public async Task WithheldAnswer_IsToldByNoReadingEither(StudyStatus status)
    {
        await _clinic.ReadAsync(_study, ReadingStage.Blind);
        await _clinic.ReadAsync(_study, ReadingStage.Final, shown: _shown, opinion: Opinion.Covid19);
        Assert.Equal([null, true], (await ReadingsAsync())!.Readings.Select(r => r.AgreesWithPrediction));
        await using (var db = _clinic.Context())
        {
            await db.Studies.ExecuteUpdateAsync(
                s => s.SetProperty(x => x.Status, status).SetProperty(x => x.StatusReason, "no chest"), Cancellation);
        }

        var told = (await ReadingsAsync())!.Readings;

        Assert.Equal([Opinion.Normal, Opinion.Covid19], told.Select(r => r.Opinion));
        Assert.All(told, r => Assert.Null(r.AgreesWithPrediction));
    }

    [Fact]
    public async Task WhoIsAskedToReadItBlinded_IsWaitedForByBoth()
    {
        await _clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        await using (var db = _clinic.Context())
        {
            db.ReadRequests.Add(new() { StudyId = _study, ReaderId = TestClinic.OtherReader.UserId, AskedAt = default });
            await db.SaveChangesAsync(Cancellation);
        }

        Assert.IsType<AnswerRelease.HeldBack>(await TellAsync());
        Assert.NotNull((await ReadingsAsync())!.HeldBack);

        await _clinic.ReadAsync(_study, ReadingStage.Blind, TestClinic.OtherReader);

        Assert.IsType<AnswerRelease.Released>(await TellAsync());
        Assert.Null((await ReadingsAsync())!.HeldBack);
    }

    [Fact]
    public async Task WithdrawnAndUnknownStudies_HaveNothingToTell()
    {
        await _clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        Assert.Null(await _clinic.Get<TellAnswer>().RunAsync(Guid.NewGuid(), Client, Cancellation));
        Assert.Null(await _clinic.Get<TellReadings>().RunAsync(Guid.NewGuid(), Client, Cancellation));
        await using (var db = _clinic.Context())
        {
            await db.Studies.ExecuteUpdateAsync(s => s.SetProperty(x => x.IsWithdrawn, true), Cancellation);
        }

        Assert.IsType<AnswerRelease.Nothing>(await TellAsync());
        Assert.NotNull((await ReadingsAsync())!.HeldBack);
    }

    /// <summary>It is asked before each object that is sent: requests and copies are looked up, however many there are.</summary>
    [Fact]
    public async Task Release_OfOneStudy_ScansNoTable()
    {
        Assert.SkipWhen(PostgreSqlServer.IsChosen, "It reads SQLite's plans.");
        var commands = new CommandLog();
        await using var clinic = new TestClinic(services: s => s.ConfigureDbContext<CovidCxrDbContext>(o => o.AddInterceptors(commands)));
        var study = await clinic.UploadAsync();
        await clinic.PredictAsync(study);
        commands.Clear();

        await clinic.Get<ReleasedAnswers>().FindAsync(study, Cancellation);

        var plan = Assert.Single(
            commands.Explain(clinic.Folder.Data.Database), c => c.Sql.Contains("ReadRequests", StringComparison.Ordinal)).Plan;
        Assert.DoesNotContain(plan, line => line.StartsWith("SCAN ", StringComparison.Ordinal)
            && !line.Contains("CONSTANT", StringComparison.Ordinal));
    }

    [Fact]
    public async Task People_AreNotToldThisWay()
    {
        foreach (var actor in new[] { TestClinic.Reader, TestClinic.Lead, TestClinic.ReadingLead, TestClinic.Admin })
        {
            await Assert.ThrowsAsync<AccessRefusedException>(() => _clinic.Get<TellAnswer>().RunAsync(_study, actor, Cancellation));
            await Assert.ThrowsAsync<AccessRefusedException>(() => _clinic.Get<TellReadings>().RunAsync(_study, actor, Cancellation));
        }
    }
}
