using CovidCxr.Domain.Accounts;
using CovidCxr.Platform.ApiClients;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;

namespace CovidCxr.Web.Features.Platform.ApiClients;

/// <summary>Which other programs may use the API, and for what.</summary>
public sealed partial class ApiClientsPage(
    ListApiClients list, CreateApiClient create, RevokeApiClient revoke, IDialogService dialogs, TimeProvider time) : ComponentBase
{
    const int UsualDays = 365;

    readonly HashSet<string> _scopes = [];
    IReadOnlyList<ApiClient>? _clients;
    string? _name, _key, _keyOf, _refusal, _said;
    int _days = UsualDays;
    Actor _actor = null!;

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    protected override async Task OnInitializedAsync()
    {
        _actor = (await Authentication).User.ToActor();
        await LoadAsync();
    }

    async Task LoadAsync() => _clients = await list.RunAsync(_actor, CancellationToken.None);

    void Choose(string scope, bool isChosen) => _ = isChosen ? _scopes.Add(scope) : _scopes.Remove(scope);

    async Task CreateAsync()
    {
        (_key, _keyOf) = (null, _name?.Trim());
        (_key, _refusal) = await create.RunAsync(_name, _scopes, _days, _actor, CancellationToken.None);
        _said = _key is null ? null : $"{_keyOf} is created.";
        if (_key is not null)
        {
            (_name, _days) = (null, UsualDays);
            _scopes.Clear();
        }

        await LoadAsync();
    }

    async Task RevokeAsync(ApiClient client)
    {
        if (await dialogs.ShowMessageBoxAsync(
            $"Revoke the key of {client.Name}?", "The program is refused from its next request on. Nothing brings the key back.",
            yesText: "Revoke it", cancelText: "Keep it") != true)
        {
            return;
        }

        _refusal = await revoke.RunAsync(client.Id, _actor, CancellationToken.None);
        _said = _refusal is null ? $"{client.Name} is revoked." : null;
        await LoadAsync();
    }

    string State(ApiClient client) => client switch
    {
        { RevokedAt: not null } => "✕ revoked",
        _ when client.ExpiresAt <= time.GetUtcNow() => "✕ expired",
        _ => "✓ active",
    };

    static string Words(string scope) => scope switch
    {
        ApiScope.ReadStudies => "see studies",
        ApiScope.WriteStudies => "send films",
        ApiScope.ReadPredictions => "see the model's answers, once they may leave",
        ApiScope.ReadReadings => "see readings, once the answer may leave",
        ApiScope.WriteReferences => "send references",
        _ => "see the registered models",
    };
}
