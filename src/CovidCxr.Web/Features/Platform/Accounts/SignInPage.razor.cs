using CovidCxr.Platform.Accounts;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;

namespace CovidCxr.Web.Features.Platform.Accounts;

public sealed partial class SignInPage(
    SignIn signIn, SetupToken token, IHostEnvironment environment, NavigationManager navigation, IHttpContextAccessor requests,
    IOptions<AccountOptions> accounts)
    : ComponentBase
{
    string? _message;

    [SupplyParameterFromForm]
    public SignInInput? Input { get; set; }

    [SupplyParameterFromQuery]
    public string? ReturnUrl { get; set; }

    [SupplyParameterFromQuery]
    public bool Idle { get; set; }

    [SupplyParameterFromQuery]
    public bool Ended { get; set; }

    [SupplyParameterFromQuery]
    public string? Refused { get; set; }

    [SupplyParameterFromQuery]
    public string? Provider { get; set; }

    IReadOnlyList<ProviderOptions> Providers => accounts.Value.Providers;

    string? RefusalWords => ProviderWords.Of(Refused, Provider, accounts.Value);

    string LifetimeHours =>
        accounts.Value.SessionLifetime is { TotalHours: 1 } ? "an hour" : $"{accounts.Value.SessionLifetime.TotalHours:0.#} hours";

    string IdleMinutes =>
        accounts.Value.IdleTimeout is { TotalMinutes: 1 } ? "a minute" : $"{accounts.Value.IdleTimeout.TotalMinutes:0} minutes";

    bool AsksAnew => requests.HttpContext is { } context && AskAnew.IsSet(context);

    SetupToken Token => token;

    IHostEnvironment Environment => environment;

    async Task SubmitAsync()
    {
        switch (await signIn.RunAsync(
            Input?.UserName?.Trim() ?? "", Input?.Password ?? "", RateLimits.AddressOf(requests.HttpContext!)))
        {
            case SignInOutcome.Succeeded:
                navigation.NavigateTo(LocalAddress.Of(ReturnUrl, requests.HttpContext!.Request.PathBase));
                break;
            case SignInOutcome.NeedsCode:
                navigation.NavigateTo($"account/code?ReturnUrl={Uri.EscapeDataString(ReturnUrl ?? "")}");
                break;
            case SignInOutcome.LockedOut:
                _message = "There were too many wrong passwords for this name from here. Try again later or ask an administrator.";
                break;
            default:
                _message = "The user name or the password is wrong.";
                break;
        }
    }

    public sealed class SignInInput
    {
        public string? UserName { get; set; }

        public string? Password { get; set; }
    }
}
