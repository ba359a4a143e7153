using CovidCxr.Clinic.Policies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Testing;

namespace CovidCxr.Clinic.Tests.Policies;

/// <summary>A change of the policy has a reason and a day, and begins on it.</summary>
public sealed class ChangeReadingPolicyTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    DateOnly Today => DateOnly.FromDateTime(_clinic.Time.GetUtcNow().UtcDateTime);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    [Theory]
    [InlineData(null, 0, "Say why")]
    [InlineData("  ", 0, "Say why")]
    [InlineData("to compare", -1, "past")]
    [InlineData("to compare", 367, "within the next 366 days")]
    public async Task RunAsync_WithoutAReasonOrOfAnotherDay_IsRefusedAndChangesNothing(string? reason, int days, string why)
    {
        Assert.Contains(why, await ChangeAsync(ReadingPolicy.Concurrent, reason, days), StringComparison.Ordinal);
        Assert.Contains("300 characters", await ChangeAsync(ReadingPolicy.Concurrent, new('x', 301), 0), StringComparison.Ordinal);
        await Assert.ThrowsAsync<AccessRefusedException>(() => _clinic.Get<ChangeReadingPolicy>().RunAsync(
            ReadingPolicy.Concurrent, "to compare", Today, TestClinic.Reader, Cancellation));

        Assert.Empty((await HistoryAsync()).Changes);
        Assert.Empty(await _clinic.AuditAsync(AuditAction.PolicyChange));
    }

    [Fact]
    public async Task RunAsync_OfToday_HoldsAtOnce_AndTheTrailNamesOldAndNew()
    {
        Assert.Null(await ChangeAsync(ReadingPolicy.Concurrent, " to compare ", 0));

        var history = await HistoryAsync();
        Assert.Equal((ReadingPolicy.Concurrent, null), (history.Current, history.Next));
        var change = Assert.Single(history.Changes);
        Assert.Equal(
            ("to compare", (DateOnly?)Today, _clinic.Time.GetUtcNow()), (change.Reason, change.HoldsFrom, change.Begins));
        Assert.Equal(
            $"BlindedFirst to Concurrent from {Today:yyyy-MM-dd}: to compare",
            Assert.Single(await _clinic.AuditAsync(AuditAction.PolicyChange)).Detail);
    }

    [Fact]
    public async Task RunAsync_ByLotAgain_LeavesTheDaysAsTheyWereDrawn()
    {
        foreach (var policy in new[] { ReadingPolicy.RandomisedByDay, ReadingPolicy.BlindedFirst, ReadingPolicy.RandomisedByDay })
        {
            await ChangeAsync(policy, "to compare", 0);
        }

        var lots = (await HistoryAsync()).Changes.Where(c => c.Policy == ReadingPolicy.RandomisedByDay).ToList();
        Assert.Equal(2, lots.Count);
        Assert.Equal(lots[0].Seed, lots[1].Seed);
    }

    [Fact]
    public async Task RunAsync_OfALaterDay_HoldsFromItsFirstMoment()
    {
        await ChangeAsync(ReadingPolicy.Concurrent, "from next week on", 7);
        var history = await HistoryAsync();
        Assert.Equal(
            (ReadingPolicy.BlindedFirst, ReadingPolicy.Concurrent, Today.AddDays(7)),
            (history.Current, history.Next?.Policy, history.Next?.HoldsFrom));
        var midnight = new DateTimeOffset(Today.AddDays(7), TimeOnly.MinValue, TimeSpan.Zero);

        _clinic.Time.Advance(midnight - _clinic.Time.GetUtcNow() - TimeSpan.FromTicks(1));
        Assert.Equal(ReadingPolicy.BlindedFirst, (await HistoryAsync()).Today);
        _clinic.Time.Advance(TimeSpan.FromTicks(1));

        history = await HistoryAsync();
        Assert.Equal((ReadingPolicy.Concurrent, ReadingPolicy.Concurrent, null), (history.Current, history.Today, history.Next));
    }

    [Fact]
    public async Task RunAsync_WhileAnotherIsSetDown_ReplacesItWhereItBeginsNoLater()
    {
        await ChangeAsync(ReadingPolicy.Concurrent, "later", 10);
        await ChangeAsync(ReadingPolicy.RandomisedByDay, "later still", 20);
        Assert.Equal(ReadingPolicy.Concurrent, (await HistoryAsync()).Next?.Policy);

        await ChangeAsync(ReadingPolicy.BlindedFirst, "after all not", 0);

        var history = await HistoryAsync();
        Assert.Null(history.Next);
        Assert.Equal([1L, 2L], history.Replaced.Order());
        _clinic.Time.Advance(TimeSpan.FromDays(30));
        Assert.Equal(ReadingPolicy.BlindedFirst, (await HistoryAsync()).Current);
    }

    Task<string?> ChangeAsync(ReadingPolicy policy, string? reason, int days) => _clinic.Get<ChangeReadingPolicy>().RunAsync(
        policy, reason, Today.AddDays(days), TestClinic.Lead, Cancellation);

    Task<PolicyHistory> HistoryAsync() => _clinic.Get<GetReadingPolicy>().RunAsync(Cancellation);
}
