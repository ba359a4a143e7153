using System.Globalization;
using CovidCxr.Domain.Accounts;
using CovidCxr.Platform.Accounts;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;

namespace CovidCxr.Web.Features.Platform.Accounts;

/// <summary>A person's own passkeys.</summary>
public sealed partial class PasskeysPage(Passkeys passkeys) : ComponentBase
{
    IReadOnlyList<PasskeyView> _passkeys = [];
    string? _refusal;

    [SupplyParameterFromForm]
    public string? Password { get; set; }

    [CascadingParameter]
    public required HttpContext Context { get; set; }

    Actor Actor => Context.User.ToActor();

    protected override Task OnInitializedAsync() => LoadAsync();

    async Task RemoveAsync(PasskeyView passkey)
    {
        _refusal = await passkeys.RemoveAsync(passkey.Id, Password ?? "", Actor);
        await LoadAsync();
    }

    async Task LoadAsync() => _passkeys = await passkeys.ListAsync(Actor, CancellationToken.None);

    static string Day(DateTimeOffset at) => at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
