using CovidCxr.Domain.Accounts;
using CovidCxr.Platform.Accounts;
using CovidCxr.Testing;

namespace CovidCxr.Platform.Tests.Accounts;

/// <summary>Fifteen characters and not a common one; nothing about character classes.</summary>
public sealed class PasswordTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new(hasPeople: false);

    public async ValueTask InitializeAsync() => await _clinic.PrepareAccountsAsync(isDemo: false);

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    Task<IReadOnlyList<string>> CreateAsync(string password) =>
        _clinic.RequestAsync<CreateAccount, IReadOnlyList<string>>(
            c => c.RunAsync("grace.hopper@clinic.example", password, [Role.Radiologist], TestClinic.Admin));

    [Theory]
    [InlineData("")]
    [InlineData("cobalt lantern")]
    [InlineData("passwordpassword")]
    [InlineData("Password123456789")]
    [InlineData("P@ssw0rdP@ssw0rd")]
    [InlineData("administrator123")]
    [InlineData("111111111111111")]
    [InlineData("123456789012345")]
    [InlineData("987654321987654321")]
    [InlineData("abcdefghijklmnop")]
    [InlineData("qwertyuiopasdfgh")]
    [InlineData("qwertyuiop12345")]
    [InlineData("1q2w3e4r5t6y7u8i")]
    [InlineData("1qaz2wsx3edc4rfv")]
    [InlineData("zxcvbnmasdfghjkl")]
    [InlineData("abc123abc123abc123")]
    [InlineData("letmeinletmeinplease")]
    [InlineData("iloveyou12345678")]
    [InlineData("grace.hopper2026")]
    public async Task CreateAccount_EasyPassword_IsRefused(string password) => Assert.NotEmpty(await CreateAsync(password));

    [Theory]
    [InlineData("cobalt lanterns")]
    [InlineData("unser kater jagt den postboten")]
    [InlineData("vq7xk2mzr9tplw4")]
    [InlineData("雨の日は図書館で本を読むのが好きです")]
    public async Task CreateAccount_LongUncommonPassword_IsTaken(string password) => Assert.Empty(await CreateAsync(password));
}
