using System.Text.Json;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Readings;

public sealed class RecordReadingTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();
    Guid _study, _prediction;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _study = await _clinic.UploadAsync();
        _prediction = await _clinic.PredictAsync(_study);
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    static Guid Recorded(RecordReadingResult result) => Assert.IsType<RecordReadingResult.Recorded>(result).ReadingId;

    static string Refused(RecordReadingResult result) => Assert.IsType<RecordReadingResult.Refused>(result).Message;

    async Task<List<Reading>> StoredAsync()
    {
        await using var db = _clinic.Context();
        return await db.Readings.AsNoTracking().OrderBy(r => r.Id).ToListAsync(Cancellation);
    }

    async Task<int> ReadCountAsync()
    {
        await using var db = _clinic.Context();
        return (await db.Studies.SingleAsync(Cancellation)).ReadCount;
    }

    [Fact]
    public async Task RunAsync_BlindThenFinal_KeepsBoth()
    {
        var blind = Recorded(await _clinic.ReadAsync(_study, ReadingStage.Blind, opinion: Opinion.Normal));
        Assert.Equal(0, await ReadCountAsync());
        var final = Recorded(await _clinic.ReadAsync(_study, ReadingStage.Final, shown: _prediction, opinion: Opinion.Covid19));

        Assert.Equal([(blind, Opinion.Normal, null), (final, Opinion.Covid19, (Guid?)_prediction)], (await StoredAsync()).Select(r =>
            (r.Id, r.Opinion, r.PredictionId)));
        Assert.Equal(1, await ReadCountAsync());
        Assert.Equal(
            [AuditAction.ReadingRecord, AuditAction.ReadingRecord],
            (await _clinic.AuditAsync(AuditAction.ReadingRecord)).Select(a => a.Action));
    }

    [Theory]
    [InlineData(ReadingStage.Final)]
    [InlineData(ReadingStage.Concurrent)]
    public async Task RunAsync_OutOfTurn_IsRefusedAndAudited(ReadingStage stage)
    {
        Assert.Contains("moved on", Refused(await _clinic.ReadAsync(_study, stage, shown: _prediction)), StringComparison.Ordinal);

        Assert.Empty(await StoredAsync());
        var entry = Assert.Single(await _clinic.AuditAsync(AuditAction.ReadingRecord));
        Assert.Equal((AuditOutcome.Refused, _study), (entry.Outcome, entry.StudyId));
    }

    [Fact]
    public async Task RunAsync_BlindTwice_IsRefused()
    {
        Recorded(await _clinic.ReadAsync(_study, ReadingStage.Blind));

        Refused(await _clinic.ReadAsync(_study, ReadingStage.Blind));

        Assert.Single(await StoredAsync());
    }

    [Fact]
    public async Task RunAsync_SameSubmissionTwice_IsOneReading()
    {
        var submission = Guid.NewGuid();

        var first = Recorded(await _clinic.ReadAsync(_study, ReadingStage.Blind, submission: submission));
        var again = Recorded(await _clinic.ReadAsync(_study, ReadingStage.Blind, submission: submission));

        Assert.Equal(first, again);
        Assert.Single(await StoredAsync());
        Assert.Contains(
            "another reader", Refused(await _clinic.ReadAsync(_study, ReadingStage.Blind, TestClinic.OtherReader, submission: submission)),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_SameSubmissionFourTimesAtOnce_IsOneReading()
    {
        var submission = Guid.NewGuid();

        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(
            _ => Task.Run(() => _clinic.ReadAsync(_study, ReadingStage.Blind, submission: submission), Cancellation)));

        Assert.Single(results.Select(Recorded).Distinct());
        Assert.Single(await StoredAsync());
    }

    [Fact]
    public async Task RunAsync_FourWindowsAtOnce_IsOneReading()
    {
        var results = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => Task.Run(() => _clinic.ReadAsync(_study, ReadingStage.Blind), Cancellation)));

        Assert.Single(results.OfType<RecordReadingResult.Recorded>());
        Assert.Single(await StoredAsync());
    }

    [Theory]
    [InlineData(Opinion.Normal, true, "you agree with it")]
    [InlineData(Opinion.Covid19, false, "you disagree with it")]
    public async Task RunAsync_AgreementAgainstTheOwnOpinion_IsRefused(Opinion opinion, bool agrees, string words)
    {
        Recorded(await _clinic.ReadAsync(_study, ReadingStage.Blind));

        Assert.Contains(
            words, Refused(await _clinic.ReadAsync(_study, ReadingStage.Final, shown: _prediction, opinion: opinion, agrees: agrees)),
            StringComparison.Ordinal);

        Assert.Equal(ReadingStage.Blind, Assert.Single(await StoredAsync()).Stage);
    }

    [Fact]
    public async Task RunAsync_Corrections_SupersedeAndLeaveTheOldAsTheyWere()
    {
        Recorded(await _clinic.ReadAsync(_study, ReadingStage.Blind));
        var final = Recorded(await _clinic.ReadAsync(_study, ReadingStage.Final, shown: _prediction, note: "first"));
        var before = JsonSerializer.Serialize(await StoredAsync());

        var first = Recorded(
            await _clinic.ReadAsync(_study, ReadingStage.Final, shown: _prediction, corrects: final, opinion: Opinion.Covid19));
        var second = Recorded(
            await _clinic.ReadAsync(_study, ReadingStage.Final, shown: _prediction, corrects: first, opinion: Opinion.Indeterminate));

        var stored = await StoredAsync();
        Assert.Equal(before, JsonSerializer.Serialize(stored.Take(2)));
        Assert.Equal([null, null, final, first], stored.Select(r => r.SupersedesId));
        Assert.Equal(1, await ReadCountAsync());
        var seen = (await _clinic.Get<GetStudy>().RunAsync(_study, false, TestClinic.Reader, Cancellation))!;
        Assert.Equal(second, seen.CorrectableId);
        Assert.Equal([false, true, true, false], seen.Readings.Select(r => r.IsSuperseded));
        Assert.Equal(2, (await _clinic.AuditAsync(AuditAction.ReadingCorrect)).Count);
    }

    [Fact]
    public async Task RunAsync_CorrectionOfWhatIsNotOnesToCorrect_IsRefused()
    {
        var blind = Recorded(await _clinic.ReadAsync(_study, ReadingStage.Blind));
        Refused(await _clinic.ReadAsync(_study, ReadingStage.Blind, corrects: blind));
        var final = Recorded(await _clinic.ReadAsync(_study, ReadingStage.Final, shown: _prediction));
        // Another's; a superseded one; one as another stage.
        Refused(await _clinic.ReadAsync(_study, ReadingStage.Final, TestClinic.OtherReader, _prediction, corrects: final));
        Refused(await _clinic.ReadAsync(_study, ReadingStage.Concurrent, shown: _prediction, corrects: final));
        Recorded(await _clinic.ReadAsync(_study, ReadingStage.Final, shown: _prediction, corrects: final));
        Refused(await _clinic.ReadAsync(_study, ReadingStage.Final, shown: _prediction, corrects: final));

        Assert.Equal(3, (await StoredAsync()).Count);
        Assert.Equal(4, (await _clinic.AuditAsync(AuditAction.ReadingCorrect)).Count(a => a.Outcome == AuditOutcome.Refused));
    }

    [Fact]
    public async Task RunAsync_AgainstAnOlderPrediction_AsksToReload()
    {
        Recorded(await _clinic.ReadAsync(_study, ReadingStage.Blind));
        await _clinic.PredictAsync(_study, 0.2, number: 2);

        Assert.Contains(
            "has changed", Refused(await _clinic.ReadAsync(_study, ReadingStage.Final, shown: _prediction)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_CorrectionAgainstAPredictionOfNoSuchStudy_IsRefused()
    {
        Recorded(await _clinic.ReadAsync(_study, ReadingStage.Blind));
        var final = Recorded(await _clinic.ReadAsync(_study, ReadingStage.Final, shown: _prediction));

        Refused(await _clinic.ReadAsync(_study, ReadingStage.Final, shown: Guid.NewGuid(), corrects: final));
    }

    [Fact]
    public async Task RunAsync_BlindWithAPredictionNamed_KeepsNone()
    {
        await _clinic.Get<RecordReading>().RunAsync(
            new(Guid.NewGuid(), _study, ReadingStage.Blind, Opinion.Normal, 3, null, null, null, _prediction), TestClinic.Reader,
            Cancellation);

        Assert.Null(Assert.Single(await StoredAsync()).PredictionId);
    }

    [Fact]
    public async Task RunAsync_UnderConcurrent_IsOneReadingWithTheModel()
    {
        await _clinic.SetPolicyAsync(ReadingPolicy.Concurrent);

        Recorded(await _clinic.ReadAsync(_study, ReadingStage.Concurrent, shown: _prediction));

        Assert.Null((await _clinic.Get<GetStudy>().RunAsync(_study, false, TestClinic.Reader, Cancellation))!.NextStage);
        Assert.Equal(1, await ReadCountAsync());
    }

    [Fact]
    public async Task RunAsync_OfWhoDoesNotRead_Throws()
    {
        await Assert.ThrowsAsync<AccessRefusedException>(() => _clinic.ReadAsync(_study, ReadingStage.Blind, TestClinic.Lead));
        await Assert.ThrowsAsync<AccessRefusedException>(() => _clinic.ReadAsync(_study, ReadingStage.Blind, TestClinic.Admin));
    }
}
