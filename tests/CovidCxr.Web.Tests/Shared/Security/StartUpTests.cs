using System.Net;
using System.Text.RegularExpressions;
using CovidCxr.Platform;
using CovidCxr.Platform.Accounts;

namespace CovidCxr.Web.Tests.Shared.Security;

/// <summary>A first start, a wrong start, and a start after another.</summary>
public sealed partial class StartUpTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Storage:DataFolder", " ")]
    [InlineData("Storage:DataFoldr", "/data")]
    [InlineData("Accounts:IdleTimeout", "00:00:10")]
    [InlineData("Accounts:LockoutAttempts", "five")]
    [InlineData("Jobs:Workers", "0")]
    [InlineData("Imaging:MaxMegapixels", "0")]
    [InlineData("Inference:MaxBatch", "65")]
    [InlineData("Limits:UploadsPerMinute", "-1")]
    public async Task WrongOption_StopsTheStart_AndIsNamed(string key, string value)
    {
        await using var installation = Installation.Build(settings: (key, value));

        var error = await Assert.ThrowsAnyAsync<Exception>(() => installation.Services.PrepareCovidCxrAsync(isDemo: false, Cancellation));

        Assert.Contains(key.Split(':')[1], error.ToString(), StringComparison.Ordinal);
        Assert.Contains(key.Split(':')[0], error.ToString(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(installation.DataFolder));
    }

    [Fact]
    public async Task WrongOptions_AreNamedAllAtOnce()
    {
        await using var installation = Installation.Build(
            settings: [("Jobs:Workers", "0"), ("Jobs:MaxAttempts", "0"), ("Limits:SignInsPerMinute", "0")]);

        var error = await Assert.ThrowsAnyAsync<Exception>(() => installation.Services.PrepareCovidCxrAsync(isDemo: false, Cancellation));

        Assert.All(["Jobs:Workers", "Jobs:MaxAttempts", "Limits:SignInsPerMinute"], key =>
            Assert.Contains(key, error.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task FirstVisitor_WithTheTokenOfTheLog_BecomesAdministrator_Once()
    {
        await using var installation = await Installation.StartAsync(hasPeople: false);
        using var visitor = installation.Visit();
        var token = TokenInLog().Match(string.Join('\n', installation.Log.All)).Groups[1].Value;
        Assert.Contains("account/setup", await visitor.ReadAsync("/account/sign-in"), StringComparison.Ordinal);

        var wrong = await SetUpAsync("0123456789abcdef0123456789abcdef", Installation.Password);
        var weak = await SetUpAsync(token, "passwordpasswordpassword");
        var right = await SetUpAsync(token, Installation.Password);
        var again = await SetUpAsync(token, Installation.Password);

        Assert.Contains("The token is wrong", wrong, StringComparison.Ordinal);
        Assert.Contains("easily guessed", weak, StringComparison.Ordinal);
        Assert.Contains("The administrator exists now", right, StringComparison.Ordinal);
        Assert.DoesNotContain("The administrator exists now", again, StringComparison.Ordinal);
        await visitor.SignInAsync("first@clinic.example");
        Assert.Equal(HttpStatusCode.OK, (await visitor.GetAsync("/admin/accounts")).StatusCode);

        async Task<string> SetUpAsync(string given, string password)
        {
            var response = await visitor.SubmitAsync(
                "/account/setup", "setup", ("Input.Token", given), ("Input.UserName", "first@clinic.example"),
                ("Input.Password", password));
            return await response.Content.ReadAsStringAsync(Cancellation);
        }
    }

    [Theory]
    [InlineData(true, 3)]
    [InlineData(false, 0)]
    public async Task Start_NamesTheDemoAccountsInTheLog_InDevelopmentAlone(bool isDemo, int accounts)
    {
        await using var installation = Installation.Build();

        await installation.Services.PrepareCovidCxrAsync(isDemo, Cancellation);

        Assert.Equal(accounts, SeedDemoAccounts.All.Count(a => installation.Log.All.Any(l =>
            l.Contains(a.UserName, StringComparison.Ordinal) && l.Contains(a.Password, StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Keys_StandInTheDataFolder_ForTheOwnerAlone()
    {
        await using var installation = await Installation.StartAsync();
        using var visitor = installation.Visit();
        await visitor.GetAsync("/account/sign-in");

        var keys = Path.Combine(installation.DataFolder, "keys");
        Assert.NotEmpty(Directory.GetFiles(keys, "key-*.xml"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(keys));
        }
    }

    [GeneratedRegex("one-time token: ([0-9a-f]{32})")]
    private static partial Regex TokenInLog();
}
