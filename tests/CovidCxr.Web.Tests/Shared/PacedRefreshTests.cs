using CovidCxr.Web.Shared;

namespace CovidCxr.Web.Tests.Shared;

public sealed class PacedRefreshTests : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    readonly CancellationTokenSource _gone = new();
    readonly SemaphoreSlim _started = new(0), _mayEnd = new(0);
    readonly PacedRefresh _refresh;

    public PacedRefreshTests() => _refresh = new(RefreshAsync, TimeProvider.System, _gone.Token);

    public void Dispose()
    {
        _gone.Dispose();
        _started.Dispose();
        _mayEnd.Dispose();
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Ask_ManyTimesDuringARefresh_RefreshesOnceMore()
    {
        _refresh.Ask();
        Assert.True(await StartedAsync(Patience));
        Enumerable.Range(0, 10).ToList().ForEach(_ => _refresh.Ask());
        _mayEnd.Release(3);
        Assert.True(await StartedAsync(Patience));
        Assert.False(await StartedAsync(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task Ask_AfterARefreshThatFailed_RefreshesAgain()
    {
        using var failed = new SemaphoreSlim(0);
        var refresh = new PacedRefresh(
            () =>
            {
                failed.Release();
                throw new InvalidOperationException();
            },
            TimeProvider.System, _gone.Token);
        for (var i = 0; i < 2; i++)
        {
            // What fails is over a moment after it was seen.
            while (!await failed.WaitAsync(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken))
            {
                refresh.Ask();
            }
        }
    }

    [Fact]
    public async Task Ask_AfterThePageWasLeft_DoesNothing()
    {
        await _gone.CancelAsync();
        _refresh.Ask();
        Assert.False(await StartedAsync(TimeSpan.FromMilliseconds(300)));
    }

    async Task RefreshAsync()
    {
        _started.Release();
        await _mayEnd.WaitAsync(Patience);
    }

    Task<bool> StartedAsync(TimeSpan patience) => _started.WaitAsync(patience, TestContext.Current.CancellationToken);
}
