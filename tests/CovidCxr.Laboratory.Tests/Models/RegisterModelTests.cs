using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Models;
using CovidCxr.Laboratory.Models;
using CovidCxr.Testing;

namespace CovidCxr.Laboratory.Tests.Models;

public sealed class RegisterModelTests : IAsyncDisposable
{
    readonly TestClinic _clinic = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    [Fact]
    public async Task RunAsync_SameFileAgain_IsTheVersionThatItWas()
    {
        var register = _clinic.Get<RegisterModel>();
        var first = await register.RunAsync(TestModels.First, TestClinic.Admin, Cancellation);

        Assert.Equal(first, await register.RunAsync(TestModels.First, TestClinic.Admin, Cancellation));

        Assert.Equal(1, await _clinic.CountAsync<ModelVersion>());
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => register.RunAsync(TestModels.Second, TestClinic.Lead, Cancellation));
    }
}
