using CovidCxr.Domain.Accounts;
using CovidCxr.Laboratory.Models;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace CovidCxr.Web.Features.Laboratory.Models;

/// <summary>Who vouches for a version, and the step into work.</summary>
public sealed partial class PromotionPanel(SignModel sign, ActivateModel activate) : ComponentBase
{
    string _password = "";
    string? _error, _said;
    Actor? _actor;
    bool _isBusy;

    [Parameter, EditorRequired]
    public required GateView View { get; set; }

    [Parameter]
    public EventCallback OnChanged { get; set; }

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    Acceptance Acceptance => View.Acceptance;

    bool CanSign => Acceptance.Objection is not null && Acceptance.Signatures.All(s => s.SignedBy != _actor?.UserId);

    bool IsCompared => Acceptance.Results.Any(r => r.RivalSha256 is not null && r.RivalSha256 == View.ActiveSha256);

    protected override async Task OnInitializedAsync() => _actor = (await Authentication).User.ToActor();

    Task SignAsync() => DoAsync(
        () => sign.RunAsync(View.Id, Acceptance.EvidenceHash, _password, _actor!, CancellationToken.None), "Signed.");

    Task PromoteAsync() => DoAsync(
        () => activate.RunAsync(View.Id, View.ActiveId, _actor, CancellationToken.None), $"Version {View.Number} is active.");

    async Task DoAsync(Func<Task<string?>> work, string done)
    {
        if (_isBusy)
        {
            return;
        }

        (_isBusy, _error, _said) = (true, null, null);
        StateHasChanged();
        _error = await work();
        (_isBusy, _password) = (false, "");
        _said = _error is null ? done : null;
        await OnChanged.InvokeAsync();
    }
}
