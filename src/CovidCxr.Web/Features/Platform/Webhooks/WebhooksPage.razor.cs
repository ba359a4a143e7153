using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Webhooks;
using CovidCxr.Platform.Webhooks;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;

namespace CovidCxr.Web.Features.Platform.Webhooks;

/// <summary>Who is told of events, and what became of each message.</summary>
public sealed partial class WebhooksPage(ListWebhooks list, ControlWebhook control, SwitchWebhooks switches) : ComponentBase
{
    IReadOnlyList<WebhookAddressView>? _addresses;
    MudTable<WebhookMessage>? _table;
    WebhookState? _state;
    Actor? _actor;
    string? _message;

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    async Task<Actor> ActorAsync() => _actor ??= (await Authentication).User.ToActor();

    async Task<TableData<WebhookMessage>> LoadAsync(TableState table, CancellationToken cancellation)
    {
        var page = await list.RunAsync(new(table.Page, table.PageSize, _state), await ActorAsync(), cancellation);
        _addresses = page.Addresses;
        StateHasChanged();
        return new() { Items = page.Messages, TotalItems = page.Total };
    }

    async Task FilterAsync(WebhookState? state)
    {
        _state = state;
        await RefreshAsync();
    }

    Task RefreshAsync() => _table!.ReloadServerData();

    async Task ControlAsync(Guid id, WebhookAction action)
    {
        var refusal = await control.RunAsync(id, action, await ActorAsync(), CancellationToken.None);
        _message = refusal ?? (action == WebhookAction.Cancel ? "Cancelled." : "It is tried again; look again in a moment.");
        await RefreshAsync();
    }

    async Task SwitchAsync(string name, bool isStopped)
    {
        var refusal = await switches.RunAsync(name, isStopped, await ActorAsync(), CancellationToken.None);
        _message = refusal ?? (isStopped ? $"{name} is stopped: messages wait." : $"{name} is told again.");
        await RefreshAsync();
    }

    static string Counts(WebhookAddressView address) => address.Counts.Count == 0
        ? "none yet"
        : string.Join(" · ", address.Counts.OrderBy(c => c.Key).Select(c => $"{c.Value:N0} {Words(c.Key)}"));

    static string Words(WebhookState state) => state switch
    {
        WebhookState.Waiting => "○ waiting",
        WebhookState.Delivered => "● delivered",
        WebhookState.Failed => "✕ failed",
        _ => "✕ cancelled",
    };
}
