using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Exports;
using CovidCxr.Clinic.Policies;
using CovidCxr.Clinic.Tests.Comparison;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Platform.Audit;
using CovidCxr.Testing;

namespace CovidCxr.Clinic.Tests.Exports;

public sealed class DescribePeriodTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();
    ReadDepartment _department = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _department = await ReadDepartment.FillAsync(_clinic, Cancellation);

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    Task<PeriodFacts> DescribeAsync(AgreementFilter filter) =>
        _clinic.Get<DescribePeriod>().RunAsync(filter, TestClinic.Lead, Cancellation);

    [Fact]
    public async Task RunAsync_WithoutDays_SpansTheReadingsAndCountsTheVersionsInSight()
    {
        var facts = await DescribeAsync(new());

        Assert.Equal(new(_department.Readings.Min(r => r.Day), _department.Readings.Max(r => r.Day)), facts.Period);
        Assert.Equal(new[] { 1, 2 }.Select(n => (n, _department.Readings.Count(r => r.Version == n))), facts.Versions.Select(v =>
            (v.Version.Number, v.Readings)));
        Assert.Equal((ReadingPolicy.BlindedFirst, default), (facts.Policies.Single().Policy, facts.Policies[0].ChangedAt));
        Assert.Equal((QualitySettings.DefaultAgreement, default), (facts.Settings.Single().LowestAgreement, facts.Settings[0].ChangedAt));
        Assert.Equal(facts.DataVersion, (await DescribeAsync(new())).DataVersion);
        Assert.StartsWith(
            $"report of {_department.Readings.Count} readings", (await _clinic.AuditAsync(AuditAction.AgreementExport))[0].Detail,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_OfAPastPeriod_NamesTheThresholdsThatWereInForceThenAndNotWhatWasSetSince()
    {
        foreach (var lowest in new[] { 0.6, 0.7 })
        {
            _clinic.Time.Advance(TimeSpan.FromDays(10));
            Assert.Null(await _clinic.Get<ChangeQualitySettings>().RunAsync(0, 0.3, lowest, TestClinic.Lead, Cancellation));
        }

        var changed = DateOnly.FromDateTime(_clinic.Time.GetUtcNow().UtcDateTime);
        _clinic.Time.Advance(TimeSpan.FromDays(10));

        Assert.Equal([0.8], await LowestAsync(changed.AddDays(-30), changed.AddDays(-20)));
        Assert.Equal([0.8, 0.6], await LowestAsync(changed.AddDays(-30), changed.AddDays(-1)));
        Assert.Equal([0.6], await LowestAsync(changed.AddDays(-5), changed.AddDays(-1)));
        Assert.Equal([0.6, 0.7], await LowestAsync(changed, changed.AddDays(1)));
        Assert.Equal([0.7], await LowestAsync(changed.AddDays(1), changed.AddDays(2)));

        async Task<IEnumerable<double>> LowestAsync(DateOnly from, DateOnly to) =>
            (await DescribeAsync(new(From: from, To: to))).Settings.Select(s => s.LowestAgreement);
    }

    [Fact]
    public async Task RunAsync_OfAPeriod_NamesWhatWasInForceAtItsBeginningAndWhatChangedInIt()
    {
        foreach (var number in new[] { 1, 2, 3 })
        {
            await _clinic.Get<AuditLog>()
                .RecordAsync(TestClinic.Admin, AuditAction.ModelActivate, AuditOutcome.Succeeded, detail: $"version {number}");
            await _clinic.SetPolicyAsync(number == 2 ? ReadingPolicy.Concurrent : ReadingPolicy.BlindedFirst);
            _clinic.Time.Advance(TimeSpan.FromDays(10));
        }

        await _clinic.Get<AuditLog>().RecordAsync(TestClinic.Admin, AuditAction.ModelActivate, AuditOutcome.Refused, detail: "version 4");

        // From the day after the second change on.
        var facts = await DescribeAsync(new(From: new(2026, 3, 13), To: new(2026, 3, 31)));

        Assert.Equal(["version 2", "version 3"], facts.Activations.Select(a => a.What));
        Assert.Equal([ReadingPolicy.Concurrent, ReadingPolicy.BlindedFirst], facts.Policies.Select(p => p.Policy));
        Assert.Equal(new(new(2026, 3, 13), new(2026, 3, 31)), facts.Period);
        Assert.Empty(facts.Versions);
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _clinic.Get<DescribePeriod>().RunAsync(new(), TestClinic.Reader, Cancellation));
    }
}
