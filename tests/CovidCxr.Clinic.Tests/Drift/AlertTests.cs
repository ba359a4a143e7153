using CovidCxr.Clinic.Corrections;
using CovidCxr.Clinic.Drift;
using CovidCxr.Clinic.Policies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Drift;

/// <summary>From a threshold that is crossed to an alert that somebody has acknowledged; it is Monday, 2 March 2026.</summary>
public sealed class AlertTests : IAsyncLifetime
{
    static readonly DateOnly LastMonday = new(2026, 2, 23), ThisMonth = new(2026, 3, 1);

    readonly TestClinic _clinic = new();
    readonly Arrivals _arrivals;

    public AlertTests() => _arrivals = new(_clinic);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => new(_arrivals.RegisterAsync());

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    Task<AlertCheck> CheckAsync() => _clinic.Get<CheckAlerts>().RunAsync(actor: null, Cancellation);

    Task<AlertList> ListAsync() => _clinic.Get<ListAlerts>().RunAsync(TestClinic.Lead, Cancellation);

    async Task ReadLastWeekAsync(int readings, int agreeing)
    {
        await _arrivals.AddAsync(LastMonday, readings, i => i % 2 == 0 ? 0.9 : 0.1);
        await _arrivals.ReadAsync(LastMonday, LastMonday.AddDays(2), agreeing);
    }

    [Fact]
    public async Task Check_OfAWeekBelowTheThreshold_RaisesOneAlertHoweverOftenItLooks()
    {
        await ReadLastWeekAsync(20, agreeing: 15);

        await CheckAsync();
        _clinic.Time.Advance(TimeSpan.FromHours(1));
        await CheckAsync();

        var alert = Assert.Single((await ListAsync()).Open).Alert;
        Assert.Equal(
            (AlertKind.LowAgreement, LastMonday, LastMonday.AddDays(6), 0.75, 0.8, 20),
            (alert.Kind, alert.PeriodFrom, alert.PeriodTo, alert.Value, alert.Threshold, alert.Cases));
        Assert.Equal(_clinic.Time.GetUtcNow().AddHours(-1), alert.RaisedAt);
        Assert.Equal(1, await _clinic.Get<ListAlerts>().CountAsync(TestClinic.Lead, Cancellation));
        var entry = Assert.Single(await _clinic.AuditAsync(AuditAction.AlertRaise));
        Assert.Equal((null, "LowAgreement from 2026-02-23: 0.750, threshold 0.8"), (entry.UserId, entry.Detail));
    }

    [Theory]
    [InlineData(16, 0.8, 0)]
    [InlineData(16, 0.81, 1)]
    [InlineData(15, 0.75, 0)]
    public async Task Check_AtTheThresholdThatTheLeadSet_RaisesOnlyBelowIt(int agreeing, double threshold, int alerts)
    {
        Assert.Null(await _clinic.Get<ChangeQualitySettings>().RunAsync(0, 0.25, threshold, TestClinic.Lead, Cancellation));
        await ReadLastWeekAsync(20, agreeing);

        await CheckAsync();

        Assert.Equal(alerts, (await ListAsync()).Open.Count);
    }

    [Fact]
    public async Task Check_OfTooFewReadingsAndStudies_RaisesNoneAndSaysSo()
    {
        await ReadLastWeekAsync(9, agreeing: 0);
        await _arrivals.AddAsync(ThisMonth, 29, _ => 0.9);

        var check = await CheckAsync();

        Assert.Empty((await ListAsync()).Open);
        Assert.Equal(
            [
                "Agreement of the last week, from 2026-02-23: 9 of at least 10 readings before the model.",
                "Scores of old v1 this month: too few: 29 of at least 30 studies in the period."],
            check.NotJudged);
        Assert.Equal(check, (await ListAsync()).LastCheck);
    }

    [Fact]
    public async Task Check_OfScoresThatMove_RaisesAnAlertOfTheVersionAndKeepsTheWorst()
    {
        await _arrivals.AddAsync(new(2026, 2, 10), 60, i => i / 60.0);
        await _arrivals.AddAsync(new(2026, 2, 10), 60, i => i / 60.0, Arrivals.New);
        await _arrivals.AddAsync(ThisMonth, 60, i => i / 60.0, Arrivals.New);
        await _arrivals.AddAsync(ThisMonth, 60, i => 0.7 + (i / 200.0));
        await CheckAsync();
        var first = Assert.Single((await ListAsync()).Open);
        Assert.Equal(
            (AlertKind.ScoreShift, Arrivals.Old, "old v1", ThisMonth, 60),
            (first.Alert.Kind, first.Alert.ModelVersionId, first.Version, first.Alert.PeriodFrom, first.Alert.Cases));
        Assert.True(first.Alert.Value > 0.25);

        await _arrivals.AddAsync(new(2026, 3, 2), 60, _ => 0.99);
        await CheckAsync();

        var second = Assert.Single((await ListAsync()).Open).Alert;
        Assert.Equal((first.Alert.Id, 120, first.Alert.RaisedAt), (second.Id, second.Cases, second.RaisedAt));
        Assert.True(second.Value > first.Alert.Value);
    }

    [Fact]
    public async Task Alert_OfStudiesWithdrawnSince_StaysHiddenFromALeadWhoHasNotReadThem()
    {
        await ReadLastWeekAsync(20, agreeing: 10);
        await CheckAsync();
        _clinic.Time.Advance(TimeSpan.FromMinutes(5));
        await using var db = _clinic.Context();
        foreach (var study in await db.Studies.AsNoTracking().ToListAsync(Cancellation))
        {
            Assert.IsType<ChangeStudyResult.Changed>(await _clinic.Get<ChangeStudy>().RunAsync(
                new(study.Id, StudyParticulars.Of(study) with { IsWithdrawn = true }, "Mixed up", 0), TestClinic.Lead, Cancellation));
        }

        Assert.Empty((await _clinic.Get<ListAlerts>().RunAsync(TestClinic.ReadingLead, Cancellation)).Open);
        Assert.Single((await ListAsync()).Open);
    }

    [Fact]
    public async Task Check_OfMorePositiveCallsThanAtFirst_RaisesOneAlert_ThatWaitsForEveryReading()
    {
        await AnswerAsync((CallWatch.BaseFilms, 10), (700, 4));
        Assert.DoesNotContain(await ListAsync() is { Open: var none } ? none : [], a => a.Alert.Kind == AlertKind.MorePositive);

        await CheckAsync();
        await CheckAsync();

        var alert = (await ListAsync()).Open.First(a => a.Alert.Kind == AlertKind.MorePositive).Alert;
        Assert.Equal((Arrivals.Old, 0.1), (alert.ModelVersionId, alert.Threshold));
        Assert.InRange(alert.Value, 0.2, 0.35);
        Assert.DoesNotContain((await ListAsync()).Open, a => a.Alert.Kind == AlertKind.FewerPositive);
        Assert.Empty((await _clinic.Get<ListAlerts>().RunAsync(TestClinic.ReadingLead, Cancellation)).Open);
        Assert.Equal(
            (await ListAsync()).Open.Count, (await _clinic.AuditAsync(AuditAction.AlertRaise)).Count);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Check_OfCallsThatStay_RaisesNone_AndOfTooFewSaysSo()
    {
        await AnswerAsync((400, 10));
        Assert.Contains(
            (await CheckAsync()).NotJudged, n => n.StartsWith("The share of positive calls: 400 of the 500", StringComparison.Ordinal));

        await AnswerAsync((1_000, 10));
        Assert.DoesNotContain((await CheckAsync()).NotJudged, n => n.StartsWith("The share", StringComparison.Ordinal));

        Assert.DoesNotContain(
            (await ListAsync()).Open, a => a.Alert.Kind is AlertKind.MorePositive or AlertKind.FewerPositive);
    }

    [Fact]
    public async Task Drift_OfCalls_BeginsAnewWithALocalThreshold_AndIsNotForALeadWhoHasYetToRead()
    {
        await AnswerAsync((600, 10));
        Task<DriftReport> MeasureAsync(Actor lead) => _clinic.Get<MeasureDrift>().RunAsync(new(), lead, Cancellation);
        var calls = (await MeasureAsync(TestClinic.Lead)).Calls!;
        Assert.Equal((500, 50, 100), (calls.Base, calls.BasePositive, calls.Since));
        Assert.InRange(calls.Rise!.SureDelay!.Value, 500, 2_500);
        Assert.Null((await MeasureAsync(TestClinic.ReadingLead)).Calls);

        await using var db = _clinic.Context();
        db.LocalAcceptances.Add(new()
        {
            ModelVersionId = Arrivals.Old,
            Threshold = 0.4,
            Evidence = "{}",
            EvidenceHash = "",
            Reason = "",
            AcceptedByName = "lead",
            AcceptedAt = _clinic.Time.GetUtcNow().AddHours(-1),
        });
        await db.SaveChangesAsync(Cancellation);

        Assert.Equal(0, (await MeasureAsync(TestClinic.Lead)).Calls!.Base);
    }

    /// <summary>Films that the old version, active since January, calls positive once in so many.</summary>
    async Task AnswerAsync(params (int Films, int OneIn)[] runs)
    {
        await using var db = _clinic.Context();
        if (!await db.ModelPeriods.AnyAsync(Cancellation))
        {
            db.ModelPeriods.Add(new() { Number = 1, ModelVersionId = Arrivals.Old, From = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) });
            await db.SaveChangesAsync(Cancellation);
        }

        foreach (var (i, (films, oneIn)) in runs.Index())
        {
            await _arrivals.AddAsync(LastMonday.AddDays(i - 20), films, n => n % oneIn == 0 ? 0.9 : 0.1);
        }

        var made = await db.Predictions.AsNoTracking().ToDictionaryAsync(p => p.StudyId, Cancellation);
        foreach (var study in await db.Studies.ToListAsync(Cancellation))
        {
            (study.PredictionId, study.Probability) = (made[study.Id].Id, made[study.Id].Probabilities[1]);
        }

        await db.SaveChangesAsync(Cancellation);
    }

    [Fact]
    public async Task Acknowledge_ByTheLead_IsKeptWithTheNameAndCannotBeDoneTwice()
    {
        await ReadLastWeekAsync(20, agreeing: 10);
        await CheckAsync();
        var id = (await ListAsync()).Open[0].Alert.Id;
        var told = 0;
        _clinic.Get<AlertChanges>().Changed += () => told++;
        _clinic.Time.Advance(TimeSpan.FromMinutes(5));

        Assert.True(await _clinic.Get<AcknowledgeAlert>().RunAsync(id, TestClinic.Lead, Cancellation));

        Assert.False(await _clinic.Get<AcknowledgeAlert>().RunAsync(id, TestClinic.Lead, Cancellation));
        Assert.Equal(1, told);
        var list = await ListAsync();
        Assert.Empty(list.Open);
        Assert.Equal(
            (TestClinic.Lead.UserName, _clinic.Time.GetUtcNow()),
            (list.Acknowledged[0].Alert.AcknowledgedByName, list.Acknowledged[0].Alert.AcknowledgedAt));
        Assert.Equal(
            (TestClinic.Lead.UserId, "LowAgreement from 2026-02-23"),
            (Assert.Single(await _clinic.AuditAsync(AuditAction.AlertAcknowledge)) is var e ? (e.UserId!.Value, e.Detail) : default));
        await CheckAsync();
        Assert.Empty((await ListAsync()).Open);
    }

    [Fact]
    public async Task Alerts_OfOthersThanTheLead_AreRefused()
    {
        foreach (var actor in new[] { TestClinic.Reader, TestClinic.Admin })
        {
            await Assert.ThrowsAsync<AccessRefusedException>(() => _clinic.Get<ListAlerts>().RunAsync(actor, Cancellation));
            await Assert.ThrowsAsync<AccessRefusedException>(() => _clinic.Get<ListAlerts>().CountAsync(actor, Cancellation));
            await Assert.ThrowsAsync<AccessRefusedException>(() => _clinic.Get<CheckAlerts>().RunAsync(actor, Cancellation));
            await Assert.ThrowsAsync<AccessRefusedException>(() => _clinic.Get<AcknowledgeAlert>().RunAsync(1, actor, Cancellation));
        }
    }
}
