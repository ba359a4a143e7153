using System.Data.Common;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Hospital;
using CovidCxr.Hospital.Inbox;
using CovidCxr.Hospital.Peers;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;

namespace CovidCxr.Web.Features.Hospital.Inbox;

/// <summary>What the hospital's network sends, and who answers there.</summary>
public sealed partial class HospitalPage(
    GetReceiver receiver, ListReceived list, AnswerReceived answers, EchoPeer echo, TimeProvider time) : ComponentBase, IDisposable
{
    static readonly TimeSpan Glance = TimeSpan.FromSeconds(3);

    readonly CancellationTokenSource _gone = new();
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

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            _ = FollowAsync();
        }
    }

    // What is received and filed moves by itself; a table that somebody answers in stands still.
    Task FollowAsync() => Glances.FollowAsync(
        time, Glance, () => InvokeAsync(() => _discarding is null ? FollowOnceAsync() : Task.CompletedTask), _gone.Token);

    async Task FollowOnceAsync()
    {
        var before = _receiver;
        try
        {
            await LookAsync(await ActorAsync());
            if (before is null || Counts(before) != Counts(_receiver!))
            {
                await _table!.ReloadServerData();
            }

            StateHasChanged();
        }
        catch (DbException)
        {
            // What cannot be read now is there at the next look.
        }
    }

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
        _message = refusal ?? (answer == ReceivedAnswer.Discard ? "Discarded." : "It is filed again.");
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

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
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
