using System.Threading.RateLimiting;
using CovidCxr.Web.Shared.Security;

namespace CovidCxr.Web.Tests.Shared.Security;

public sealed class BothLimitsTests
{
    [Fact]
    public async Task Acquire_WhereOneIsSpent_IsRefused_AndDisposing_EndsBoth()
    {
        var (minute, day) = (Limiter(3), Limiter(2));
        var both = new BothLimits(minute, day);
        Assert.True(both.AttemptAcquire().IsAcquired);
        Assert.True((await both.AcquireAsync(1, TestContext.Current.CancellationToken)).IsAcquired);
        Assert.False(both.AttemptAcquire().IsAcquired);

        await both.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => minute.AttemptAcquire());
        Assert.Throws<ObjectDisposedException>(() => day.AttemptAcquire());
    }

    static FixedWindowRateLimiter Limiter(int permits) => new(new() { PermitLimit = permits, Window = TimeSpan.FromDays(1) });
}
