using System.Threading.RateLimiting;

namespace CovidCxr.Web.Shared.Security;

/// <summary>Two limits that count together. The framework's own chain leaves their timers running when it is disposed of.</summary>
public sealed class BothLimits : RateLimiter
{
    readonly RateLimiter _first, _second, _chain;

    public BothLimits(RateLimiter first, RateLimiter second) =>
        (_first, _second, _chain) = (first, second, CreateChained(first, second));

    public override TimeSpan? IdleDuration => _chain.IdleDuration;

    public override RateLimiterStatistics? GetStatistics() => _chain.GetStatistics();

    protected override RateLimitLease AttemptAcquireCore(int permitCount) => _chain.AttemptAcquire(permitCount);

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
        _chain.AcquireAsync(permitCount, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _chain.Dispose();
            _first.Dispose();
            _second.Dispose();
        }

        base.Dispose(disposing);
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        await _chain.DisposeAsync();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        await base.DisposeAsyncCore();
    }
}
