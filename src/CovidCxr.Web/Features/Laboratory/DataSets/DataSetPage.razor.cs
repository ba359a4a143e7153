using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.DataSets;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace CovidCxr.Web.Features.Laboratory.DataSets;

/// <summary>One version: how far its making is, what was found in it, how it is divided.</summary>
public sealed partial class DataSetPage(
    GetDataSet get,
    CancelDataSet cancel,
    FindProblems find,
    ChangeDataSet change,
    StartAugmentation augment,
    NavigationManager navigation) : ComponentBase, IAsyncDisposable
{
    static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(700);

    readonly CancellationTokenSource _gone = new();
    GetDataSetResult? _set;
    Actor? _actor;
    DataSetFindings? _findings;
    string? _error, _unreadable;
    bool _isLoaded, _isBusy;

    [Parameter]
    public Guid Id { get; set; }

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        _actor = (await Authentication).User.ToActor();
        (_findings, _error, _unreadable) = (null, null, null);
        await LookAsync();
        _isLoaded = true;
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            _ = FollowAsync();
        }
    }

    async Task FollowAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(Glance, _gone.Token);
                if (_set?.Version.State == DataSetState.Making)
                {
                    await InvokeAsync(async () =>
                    {
                        await LookAsync();
                        StateHasChanged();
                    });
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The page is left.
        }
    }

    async Task LookAsync()
    {
        var asked = Id;
        var set = await get.RunAsync(asked, _actor!, CancellationToken.None);
        if (asked != Id)
        {
            // Another version has been opened meanwhile: its page must not show this one.
            return;
        }

        _set = set;
        if (_set is { Version.State: DataSetState.Ready } && _findings is null)
        {
            StateHasChanged();
            var result = await find.RunAsync(asked, _actor!, CancellationToken.None);
            if (asked == Id)
            {
                _findings = (result as FindProblemsResult.Found)?.Findings;
                _unreadable = (result as FindProblemsResult.Refused)?.Message;
            }
        }
    }

    Task RemedyAsync(FindingKind kind) => ChangeAsync(change.RemedyAsync(Id, kind, _actor!, CancellationToken.None));

    Task DecideAsync(IReadOnlyList<PairDecision> decisions) =>
        ChangeAsync(change.DecideAsync(Id, decisions, _actor!, CancellationToken.None));

    Task DivideAsync(SplitRequest request) => ChangeAsync(change.DivideAsync(Id, request, _actor!, CancellationToken.None));

    Task AugmentAsync(AugmentRecipe recipe) => ChangeAsync(augment.RunAsync(recipe, _actor!, CancellationToken.None));

    async Task ChangeAsync(Task<ChangeDataSetResult> change)
    {
        _isBusy = true;
        var result = await change;
        _isBusy = false;
        _error = (result as ChangeDataSetResult.Refused)?.Message;
        if (result is ChangeDataSetResult.Changed changed)
        {
            navigation.NavigateTo($"data-sets/{changed.VersionId}");
        }
    }

    async Task CancelAsync()
    {
        await cancel.RunAsync(Id, _actor!, CancellationToken.None);
        await LookAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        _gone.Dispose();
    }
}
