using CovidCxr.Platform.Configuration;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Accounts;

/// <summary>Sign-in and sessions.</summary>
public sealed class AccountOptions
{
    public const string Section = "Accounts";

    /// <summary>Without any action for this long a person is signed out; 1 minute to 12 hours.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>However busy, after this long a person signs in again; 1 hour to 1 day.</summary>
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromHours(12);

    /// <summary>Whether administration is open only to who signed in with a second factor; off by default.</summary>
    public bool SecondFactorForAdministrators { get; set; }

    /// <summary>Wrong passwords in a row before the account is locked for the address that they came from; 3 to 20.</summary>
    public int LockoutAttempts { get; set; } = 5;

    /// <summary>How long it stays locked; 1 minute to 1 day.</summary>
    public TimeSpan LockoutDuration { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Identity providers that people may sign in by, beside a password; none by default.</summary>
    public IReadOnlyList<ProviderOptions> Providers { get; set; } = [];
}

public sealed class AccountOptionsValidator : IValidateOptions<AccountOptions>
{
    public ValidateOptionsResult Validate(string? name, AccountOptions options) => OptionRules.Result([
        (
            options.IdleTimeout >= TimeSpan.FromMinutes(1) && options.IdleTimeout <= TimeSpan.FromHours(12),
            "Accounts:IdleTimeout must be 00:01:00 to 12:00:00."),
        (
            options.SessionLifetime >= TimeSpan.FromHours(1) && options.SessionLifetime <= TimeSpan.FromDays(1),
            "Accounts:SessionLifetime must be 01:00:00 to 1.00:00:00."),
        (options.LockoutAttempts is >= 3 and <= 20, "Accounts:LockoutAttempts must be 3 to 20."),
        (
            options.LockoutDuration >= TimeSpan.FromMinutes(1) && options.LockoutDuration <= TimeSpan.FromDays(1),
            "Accounts:LockoutDuration must be 00:01:00 to 1.00:00:00."),
        .. ProviderOptions.RulesOf(options.Providers)]);
}
