using CovidCxr.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Platform.Tests.Configuration;

/// <summary>A start with a wrong configuration says everything that is wrong with it, by key.</summary>
public class OptionsTests
{
    static readonly (string Key, string Value)[] Wrong =
    [
        ("Imaging:MaxMegapixels", "0"), ("Imaging:MaxFileMegabytes", "501"), ("Imaging:MinSidePixels", "0"),
        ("Inference:MaxBatch", "65"), ("Inference:QueueCapacity", "0"), ("Inference:Threads", "-1"),
        ("Jobs:Lease", "00:00:01"), ("Jobs:PollInterval", "00:02:00"), ("Jobs:RetryDelay", "00:00:00"), ("Jobs:MaxAttempts", "0"),
        ("Jobs:Workers", "17"), ("Accounts:IdleTimeout", "00:00:01"), ("Accounts:LockoutAttempts", "2"),
        ("Accounts:LockoutDuration", "2.00:00:00"), ("Node:Name", "the first"), ("Node:Roles", "Web"), ("Node:Drain", "00:02:00"),
    ];

    [Fact]
    public async Task PrepareAsync_EverythingWrong_NamesEveryKeyAtOnceAndTouchesNothing()
    {
        var folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using var services = TestClinic.Build(folder, TimeProvider.System, settings: Wrong);

        var thrown = await Assert.ThrowsAnyAsync<Exception>(
            () => services.PrepareCovidCxrAsync(isDemo: false, TestContext.Current.CancellationToken));

        Assert.All(Wrong, w => Assert.Contains(w.Key, thrown.Message, StringComparison.Ordinal));
        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [InlineData("Jobs:Lease", "soon")]
    [InlineData("Accounts:LockoutAttempts", "many")]
    [InlineData("Node:Roles", "Cook")]
    public async Task PrepareAsync_ValueOfAnotherType_NamesTheKey(string key, string value)
    {
        await using var services = TestClinic.Build(Path.GetTempPath(), TimeProvider.System, settings: (key, value));

        var thrown = await Assert.ThrowsAnyAsync<Exception>(
            () => services.PrepareCovidCxrAsync(isDemo: false, TestContext.Current.CancellationToken));

        Assert.Contains(key, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Defaults_AreRight()
    {
        await using var services = TestClinic.Build(Path.GetTempPath(), TimeProvider.System);

        services.GetRequiredService<Microsoft.Extensions.Options.IStartupValidator>().Validate();
    }
}
