using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Hospital;
using CovidCxr.Hospital.Delivery;
using CovidCxr.Hospital.Fhir;
using CovidCxr.Hospital.Peers;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;

namespace CovidCxr.Web.Features.Hospital.Delivery;

/// <summary>What is sent into the hospital's network, and what became of it.</summary>
public sealed partial class ResultsPage(
    GetDestinations destinations, ListResults list, ControlResult control, SwitchDestination switches, AskFhirServer ask,
    ILogger<ResultsPage> logger) : ComponentBase
{
    readonly HashSet<string> _asking = [];
    readonly Dictionary<string, string> _answers = [];
    IReadOnlyList<DestinationView>? _destinations;
    IReadOnlyList<ListedResult> _alarms = [];
    MudTable<ListedResult>? _table;
    DeliveryState? _state;
    Actor? _actor;
    string? _message, _reason;
    Guid? _there;

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    protected override async Task OnInitializedAsync() => await LookAsync();

    async Task<Actor> ActorAsync() => _actor ??= (await Authentication).User.ToActor();

    async Task LookAsync()
    {
        var actor = await ActorAsync();
        _alarms = await list.AlarmsAsync(actor, CancellationToken.None);
        _destinations = await destinations.RunAsync(actor, CancellationToken.None);
    }

    async Task<TableData<ListedResult>> LoadAsync(TableState table, CancellationToken cancellation)
    {
        var page = await list.RunAsync(new(table.Page, table.PageSize, _state), await ActorAsync(), cancellation);
        return new() { Items = page.Results, TotalItems = page.Total };
    }

    async Task FilterAsync(DeliveryState? state)
    {
        _state = state;
        await _table!.ReloadServerData();
    }

    async Task RefreshAsync()
    {
        await LookAsync();
        await _table!.ReloadServerData();
    }

    async Task ControlAsync(Guid id, ResultAction action)
    {
        var refusal = await control.RunAsync(id, action, await ActorAsync(), CancellationToken.None);
        _message = refusal ?? (action == ResultAction.Cancel ? "Cancelled." : "It is tried again; look again in a moment.");
        await RefreshAsync();
    }

    void SayIsThere(Guid id) => (_there, _reason) = (id, null);

    async Task ConfirmAsync()
    {
        var refusal = await control.RunAsync(
            _there!.Value, ResultAction.IsThere, await ActorAsync(), CancellationToken.None, _reason);
        _message = refusal ?? "It counts as delivered.";
        _there = refusal is null ? null : _there;
        await RefreshAsync();
    }

    async Task SwitchAsync(string name, bool isStopped)
    {
        var refusal = await switches.RunAsync(name, isStopped, await ActorAsync(), CancellationToken.None);
        _message = refusal ?? (isStopped ? $"{name} is stopped: results wait." : $"{name} is sent to again.");
        await RefreshAsync();
    }

    async Task AskAsync(string name)
    {
        if (!_asking.Add(name))
        {
            return;
        }

        _answers[name] = "…";
        try
        {
            var answer = await ask.RunAsync(name, await ActorAsync(), CancellationToken.None);
            _answers[name] = (answer.HasAnswered ? "✓ " : "✕ ") + answer.Message;
        }
        catch (Exception e)
        {
            // A button to find out what is wrong must not end the circuit. Only the type is logged: a message might quote the server.
            logger.LogError("A question to a FHIR server met {Error}.", e.GetType().Name);
            _answers[name] = "✕ It could not be asked: look into the program's log.";
        }
        finally
        {
            _asking.Remove(name);
        }
    }

    static string Where(DestinationOptions options) => options.IsFhir
        ? options.FhirServer
        : $"{(options.IsHl7 ? options.Hl7Application : options.AeTitle)} at {options.Host}, port {options.Port}"
            + (options.Tls ? ", by TLS" : "");

    static string Counts(DestinationView destination) => destination.Counts.Count == 0
        ? "none yet"
        : string.Join(" · ", destination.Counts.OrderBy(c => c.Key).Select(c => $"{c.Value:N0} {Words(c.Key)}"));

    static string Words(ResultKind kind) => kind switch
    {
        ResultKind.Picture => "picture",
        ResultKind.Report => "report",
        ResultKind.Hl7 => "HL7 message",
        ResultKind.KeyObjects => "key objects",
        _ => "FHIR report",
    };

    static string Words(DeliveryState state) => state switch
    {
        DeliveryState.Waiting => "○ waiting",
        DeliveryState.Delivered => "● delivered",
        DeliveryState.Failed => "✕ failed",
        DeliveryState.Cancelled => "✕ cancelled",
        _ => "● superseded",
    };
}
