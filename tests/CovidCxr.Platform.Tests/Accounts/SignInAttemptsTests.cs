using CovidCxr.Platform.Accounts;
using CovidCxr.Testing;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Tests.Accounts;

public sealed class SignInAttemptsTests
{
    const string Name = "ada", Here = "10.0.0.1", There = "10.0.0.2";

    readonly SignInAttempts _attempts = new(Options.Create(new AccountOptions { LockoutAttempts = 5 }), new ManualTime());

    [Fact]
    public void TryBegin_OfManyAtOnce_LetsAsManyInAsMayBeWrong()
    {
        var begun = 0;

        Parallel.For(0, 1000, _ =>
        {
            if (_attempts.TryBegin(Name, Here))
            {
                Interlocked.Increment(ref begun);
            }
        });

        Assert.Equal(5, begun);
        Assert.True(_attempts.IsLocked(Name, Here));
    }

    [Fact]
    public void TryBegin_WhereOneAddressIsLocked_CountsAtNone()
    {
        Begin(5, Here);

        Assert.False(_attempts.TryBegin(Name, There, Here));

        Begin(5, There);
        Assert.False(_attempts.TryBegin(Name, There));
    }

    [Fact]
    public void TakeBack_LeavesWhatWentWrongBefore()
    {
        Begin(4, Here);
        for (var i = 0; i < 10; i++)
        {
            Begin(1, Here);
            Assert.True(_attempts.IsLocked(Name, Here));
            _attempts.TakeBack(Name, Here);
        }

        Begin(1, Here);
        Assert.False(_attempts.TryBegin(Name, Here));
    }

    void Begin(int times, string address) =>
        Assert.All(Enumerable.Range(0, times), _ => Assert.True(_attempts.TryBegin(Name, address)));
}
