using CovidCxr.Platform.Accounts;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;

namespace CovidCxr.Web.Features.Platform.Accounts;

public sealed partial class PasswordPage(ChangePassword change) : ComponentBase
{
    IReadOnlyList<string> _errors = [];
    bool _isDone;

    [SupplyParameterFromForm]
    public PasswordInput? Input { get; set; }

    [CascadingParameter]
    public required HttpContext Context { get; set; }

    async Task SubmitAsync()
    {
        _errors = await change.RunAsync(Input?.Current ?? "", Input?.Next ?? "", Context.User.ToActor());
        _isDone = _errors.Count == 0;
    }

    public sealed class PasswordInput
    {
        public string? Current { get; set; }

        public string? Next { get; set; }
    }
}
