using CovidCxr.Platform.Accounts;
using Microsoft.AspNetCore.Components;

namespace CovidCxr.Web.Features.Platform.Accounts;

public sealed partial class SetupPage(CreateFirstAdministrator create, SetupToken token) : ComponentBase
{
    IReadOnlyList<string> _errors = [];
    bool _isDone;

    [SupplyParameterFromForm]
    public SetupInput? Input { get; set; }

    SetupToken Token => token;

    async Task SubmitAsync()
    {
        _errors = await create.RunAsync(Input?.Token ?? "", Input?.UserName ?? "", Input?.Password ?? "");
        _isDone = _errors.Count == 0;
    }

    public sealed class SetupInput
    {
        public string? Token { get; set; }

        public string? UserName { get; set; }

        public string? Password { get; set; }
    }
}
