using CovidCxr.Platform.Accounts;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;

namespace CovidCxr.Web.Features.Platform.Accounts;

/// <summary>The second half of a sign-in.</summary>
public sealed partial class CodePage(SecondFactor second, NavigationManager navigation, IHttpContextAccessor requests) : ComponentBase
{
    string? _message;

    [SupplyParameterFromForm]
    public CodeInput? Input { get; set; }

    [SupplyParameterFromQuery]
    public string? ReturnUrl { get; set; }

    async Task SubmitAsync()
    {
        switch (await second.SignInAsync(Input?.Code ?? "", RateLimits.AddressOf(requests.HttpContext!)))
        {
            case SignInOutcome.Succeeded:
                navigation.NavigateTo(LocalAddress.Of(ReturnUrl, requests.HttpContext!.Request.PathBase));
                break;
            case SignInOutcome.LockedOut:
                _message = "There were too many wrong codes for this account. Try again later or ask an administrator.";
                break;
            case SignInOutcome.NotNow:
                _message = "Recovery codes cannot be taken now, since the program cannot note that one was used: its disk may be full. "
                    + "A code of your authenticator is. Tell whoever looks after the machine.";
                break;
            default:
                _message = "The code is wrong or was used already. Or the sign-in began more than five minutes ago, or your account "
                    + "was changed since: then begin it anew.";
                break;
        }
    }

    public sealed class CodeInput
    {
        public string? Code { get; set; }
    }
}
