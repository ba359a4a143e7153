using CovidCxr.Platform.Accounts;
using Microsoft.AspNetCore.Components;

namespace CovidCxr.Web.Features.Platform.Accounts;

public sealed partial class SignInPage(
    SignIn signIn, SetupToken token, IHostEnvironment environment, NavigationManager navigation) : ComponentBase
{
    string? _message;

    [SupplyParameterFromForm]
    public SignInInput? Input { get; set; }

    [SupplyParameterFromQuery]
    public string? ReturnUrl { get; set; }

    SetupToken Token => token;

    IHostEnvironment Environment => environment;

    async Task SubmitAsync()
    {
        switch (await signIn.RunAsync(Input?.UserName?.Trim() ?? "", Input?.Password ?? ""))
        {
            case SignInOutcome.Succeeded:
                navigation.NavigateTo(LocalReturn());
                break;
            case SignInOutcome.LockedOut:
                _message = "This account is locked after too many wrong passwords. Try again later or ask an administrator.";
                break;
            default:
                _message = "The user name or the password is wrong.";
                break;
        }
    }

    // Only a path of this site: never another host. Browsers read a backslash as a slash and leave control characters out.
    string LocalReturn() =>
        ReturnUrl is { Length: > 0 } url
            && url[0] == '/'
            && !url.StartsWith("//", StringComparison.Ordinal)
            && !url.Any(c => c == '\\' || char.IsControl(c))
            ? url
            : "/";

    public sealed class SignInInput
    {
        public string? UserName { get; set; }

        public string? Password { get; set; }
    }
}
