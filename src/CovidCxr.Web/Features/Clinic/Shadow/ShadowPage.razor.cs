using CovidCxr.Clinic.Shadow;
using CovidCxr.Domain.Accounts;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;

namespace CovidCxr.Web.Features.Clinic.Shadow;

/// <summary>Which version is in the shadow, and what it is worth beside the active one.</summary>
public sealed partial class ShadowPage(ListShadows listShadows, StartShadow start, EndShadow end, CompareShadow compare) : ComponentBase
{
    ShadowList? _list;
    ShadowComparison? _comparison;
    Guid _candidate;
    string? _reason, _error, _said;
    bool _isBusy;

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    ShadowPeriodView? Open => _list?.Periods.FirstOrDefault(p => p.Period.IsOpen);

    protected override async Task OnInitializedAsync() => await LoadAsync(await ActorAsync());

    internal static string Words(VerdictKind kind) => kind switch
    {
        VerdictKind.Better => "✓ better",
        VerdictKind.NotWorse => "✓ not worse",
        VerdictKind.Worse => "✕ worse",
        _ => "? not enough",
    };

    static string Words(IReadOnlyList<double> thresholds) => string.Join(" and ", thresholds.Select(t => t.Fixed(3)));

    static string ClassOf(VerdictKind kind) => kind switch
    {
        VerdictKind.Worse => "gate-refused",
        VerdictKind.NotEnough => "gate-open",
        _ => "gate-passed",
    };

    static Severity SeverityOf(VerdictKind kind) => kind switch
    {
        VerdictKind.Worse => Severity.Error,
        VerdictKind.NotEnough => Severity.Warning,
        _ => Severity.Success,
    };

    async Task<Actor> ActorAsync() => (await Authentication).User.ToActor();

    async Task LoadAsync(Actor actor)
    {
        var list = await listShadows.RunAsync(actor, CancellationToken.None);
        var comparison = list.Periods is [var newest, ..]
            ? await compare.RunAsync(newest.Period.Id, actor, CancellationToken.None)
            : null;
        // Together, so that nothing moves when the figures come.
        (_list, _comparison) = (list, comparison);
        _candidate = list.Candidates is [var first, ..] && list.Candidates.All(c => c.Id != _candidate) ? first.Id : _candidate;
    }

    async Task CompareAsync(Guid period) =>
        _comparison = await compare.RunAsync(period, await ActorAsync(), CancellationToken.None);

    Task StartAsync() => DoAsync("Started.", actor => start.RunAsync(_candidate, _reason, actor, CancellationToken.None));

    Task EndAsync() => DoAsync("Ended.", actor => end.RunAsync(Open!.Period.Id, _reason, actor, CancellationToken.None));

    async Task DoAsync(string done, Func<Actor, Task<string?>> work)
    {
        if (_isBusy)
        {
            return;
        }

        (_isBusy, _error, _said) = (true, null, null);
        StateHasChanged();
        var actor = await ActorAsync();
        _error = await work(actor);
        _isBusy = false;
        if (_error is null)
        {
            (_said, _reason) = (done, null);
            await LoadAsync(actor);
        }
    }
}
