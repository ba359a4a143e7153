using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Hospital;
using CovidCxr.Hospital.Inbox;
using CovidCxr.Hospital.Peers;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;

namespace CovidCxr.Web.Features.Hospital.Inbox;

/// <summary>What the hospital's network sends, and who answers there.</summary>
public sealed partial class HospitalPage(GetReceiver receiver, ListReceived list, AnswerReceived answers, EchoPeer echo) : ComponentBase
{
    readonly HashSet<string> _asking = [];
    readonly Dictionary<string, string> _echoes = [];
    ReceiverView? _receiver;
    MudTable<ReceivedObject>? _table;
    ReceivedState? _state;
    Guid? _discarding;
    Actor? _actor;
    string? _message;

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    protected override async Task OnInitializedAsync() => await LookAsync(await ActorAsync());

    async Task<Actor> ActorAsync() => _actor ??= (await Authentication).User.ToActor();

    async Task LookAsync(Actor actor) => _receiver = await receiver.RunAsync(actor, CancellationToken.None);

    async Task<TableData<ReceivedObject>> LoadAsync(TableState table, CancellationToken cancellation)
    {
        var page = await list.RunAsync(new(table.Page, table.PageSize, _state), await ActorAsync(), cancellation);
        return new() { Items = page.Objects, TotalItems = page.Total };
    }

    async Task FilterAsync(ReceivedState? state)
    {
        _state = state;
        await _table!.ReloadServerData();
    }

    async Task RefreshAsync()
    {
        await LookAsync(await ActorAsync());
        await _table!.ReloadServerData();
    }

    async Task AnswerAsync(Guid id, ReceivedAnswer answer)
    {
        var refusal = await answers.RunAsync(id, answer, await ActorAsync(), CancellationToken.None);
        _discarding = null;
        _message = refusal ?? (answer == ReceivedAnswer.Discard ? "Discarded." : "It is filed again; look again in a moment.");
        await RefreshAsync();
    }

    async Task EchoAsync(string aeTitle)
    {
        if (!_asking.Add(aeTitle))
        {
            return;
        }

        _echoes[aeTitle] = "…";
        try
        {
            var result = await echo.RunAsync(aeTitle, await ActorAsync(), CancellationToken.None);
            _echoes[aeTitle] = (result.HasAnswered ? "✓ " : "✕ ") + result.Message;
        }
        finally
        {
            _asking.Remove(aeTitle);
        }
    }

    static string Counts(ReceiverView receiver) => receiver.Counts.Count == 0
        ? "none yet"
        : string.Join(" · ", receiver.Counts.OrderBy(c => c.Key).Select(c => $"{c.Value:N0} {Words(c.Key)}"));

    static string Words(ReceivedState state) => state switch
    {
        ReceivedState.Waiting => "○ waiting",
        ReceivedState.Filed => "● filed",
        ReceivedState.Known => "● known already",
        ReceivedState.Question => "⚠ question",
        ReceivedState.Refused => "✕ refused",
        _ => "✕ discarded",
    };
}
