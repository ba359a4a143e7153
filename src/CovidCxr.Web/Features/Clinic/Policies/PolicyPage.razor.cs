using CovidCxr.Clinic.Policies;
using CovidCxr.Domain.Readings;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;

namespace CovidCxr.Web.Features.Clinic.Policies;

/// <summary>The policy in force, its history, and the form that changes it: reason, day, and a question whether it is meant.</summary>
public sealed partial class PolicyPage(
    GetReadingPolicy getPolicy, ChangeReadingPolicy changePolicy, IDialogService dialogs, TimeProvider time) : ComponentBase
{
    PolicyHistory? _history;
    ReadingPolicy? _to;
    string? _reason, _refusal, _said;
    DateOnly? _from;
    bool _isAsking;

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    protected override async Task OnInitializedAsync() => _history = await getPolicy.RunAsync(CancellationToken.None);

    string Action(ReadingPolicy policy) =>
        $"{(policy == _history!.Current ? "Stay with" : "Change to")} {policy.Words().ToLowerInvariant()}";

    // A reason that is being typed stays, also where the same button is pressed again.
    void Choose(ReadingPolicy policy) => (_to, _from, _refusal, _said) = (policy, _from ?? Today, null, null);

    // A second click of a double click finds the question open.
    async Task SwitchAsync()
    {
        if (_isAsking || _to is not { } policy)
        {
            return;
        }

        _refusal = _from is { } day ? ReadingPolicyChange.Refusal(_reason, day, Today) : "Say from which day it holds.";
        if (_refusal is not null)
        {
            return;
        }

        _isAsking = true;
        var from = _from!.Value;
        var isSure = await dialogs.ShowMessageBoxAsync(
            $"{Action(policy)} from {from.Iso()} on?",
            $"Every reading that begins {(from == Today ? "from now on" : "from that day on")} follows it, of every reader. "
            + "Figures of before and after are not alike.",
            yesText: "Change the policy",
            cancelText: "Keep it") == true;
        _isAsking = false;
        if (!isSure)
        {
            return;
        }

        _refusal = await changePolicy.RunAsync(policy, _reason, from, (await Authentication).User.ToActor(), CancellationToken.None);
        if (_refusal is null)
        {
            _history = await getPolicy.RunAsync(CancellationToken.None);
            (_to, _reason, _from, _said) = (null, null, null, from == Today
                ? "Changed. Readings that are under way keep the policy that they began with."
                : "Set down.");
        }
    }
}
