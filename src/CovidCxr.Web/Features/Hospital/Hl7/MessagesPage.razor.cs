using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Studies;
using CovidCxr.Hospital.Hl7;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;

namespace CovidCxr.Web.Features.Hospital.Hl7;

/// <summary>What the hospital says of patients, and what a person has to decide of it.</summary>
public sealed partial class MessagesPage(GetMessageReceiver receiver, ListMessages list, AnswerMessage answers) : ComponentBase
{
    MessageReceiverView? _receiver;
    MudTable<ReceivedMessage>? _table;
    MessageState? _state;
    Guid? _applying;
    Actor? _actor;
    string? _message;

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    protected override async Task OnInitializedAsync() => await LookAsync();

    async Task<Actor> ActorAsync() => _actor ??= (await Authentication).User.ToActor();

    async Task LookAsync() => _receiver = await receiver.RunAsync(await ActorAsync(), CancellationToken.None);

    async Task<TableData<ReceivedMessage>> LoadAsync(TableState table, CancellationToken cancellation)
    {
        var page = await list.RunAsync(new(table.Page, table.PageSize, _state), await ActorAsync(), cancellation);
        return new() { Items = page.Messages, TotalItems = page.Total };
    }

    async Task FilterAsync(MessageState? state)
    {
        _state = state;
        await _table!.ReloadServerData();
    }

    async Task RefreshAsync()
    {
        await LookAsync();
        await _table!.ReloadServerData();
    }

    async Task AnswerAsync(Guid id, MessageAnswer answer)
    {
        var refusal = await answers.RunAsync(id, answer, await ActorAsync(), CancellationToken.None);
        _applying = null;
        _message = refusal ?? (answer == MessageAnswer.Apply ? "It was applied." : "It was refused; nothing is changed.");
        await RefreshAsync();
    }

    static string Facts(ReceivedMessage message) => string.Join(
        ", ", new[] { message.Sex == Sex.Unknown ? null : message.Sex.ToString(), message.BirthDate?.Iso() }.OfType<string>());

    static string Counts(MessageReceiverView receiver) => receiver.Counts.Count == 0
        ? "none yet"
        : string.Join(" · ", receiver.Counts.OrderBy(c => c.Key).Select(c => $"{c.Value:N0} {Words(c.Key)}"));

    static string Words(MessageState state) => state switch
    {
        MessageState.Applied => "● applied",
        MessageState.Unneeded => "● nothing to change",
        MessageState.Question => "⚠ question",
        _ => "✕ refused",
    };
}
