using CovidCxr.Domain.Accounts;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;

namespace CovidCxr.Web.Features.Laboratory.DataSets;

/// <summary>Where a person looks at augmented images, a page at a time, and throws out what came out wrong.</summary>
public sealed partial class LightTablePage(
    LayOutLightTable layOut, ChangeDataSet change, NavigationManager navigation, IJSRuntime js) : ComponentBase
{
    const string Module = "./data-sets/light-table.js";

    readonly HashSet<int> _discarded = [];
    ElementReference _grid;
    LightTable? _table;
    Actor? _actor;
    Guid? _shown;
    string? _error;
    int _page, _focused = -1;
    bool _isLoaded, _isBusy, _isAttached;

    [Parameter]
    public Guid Id { get; set; }

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    int Pages => Math.Max(1, (_table!.Originals + LayOutLightTable.RowsPerPage - 1) / LayOutLightTable.RowsPerPage);

    protected override async Task OnParametersSetAsync()
    {
        if (_shown == Id)
        {
            // The router renders again for other reasons than another address.
            return;
        }

        _shown = Id;
        _actor = (await Authentication).User.ToActor();
        await LoadAsync();
        _isLoaded = true;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_table is null || _isAttached)
        {
            return;
        }

        _isAttached = true;
        try
        {
            await using var module = await js.InvokeAsync<IJSObjectReference>("import", Module);
            await module.InvokeVoidAsync("attach", _grid);
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException)
        {
            // The circuit is lost, and the page with it.
        }
    }

    // The script moves the focus and keeps the space bar from pressing the button; what a key means is decided here.
    void PressKey(KeyboardEventArgs e)
    {
        if (e.Key is "d" or "D" && _focused >= 0)
        {
            _discarded.Add(_focused);
        }
        else if (e.Key == " ")
        {
            _discarded.Remove(_focused);
        }
    }

    void Toggle(int index)
    {
        if (!_discarded.Add(index))
        {
            _discarded.Remove(index);
        }
    }

    void DiscardRepeated() =>
        _discarded.UnionWith(_table!.Rows.SelectMany(r => r.Children).Where(c => c.Repeats is not null).Select(c => c.Image.Index));

    async Task TurnAsync(int by)
    {
        _page += by;
        _focused = -1;
        await LoadAsync();
    }

    async Task LoadAsync()
    {
        var table = await layOut.RunAsync(Id, _page, _actor!, CancellationToken.None);
        _error = table?.Problem;
        _table = _error is null ? table : null;
    }

    async Task SaveAsync()
    {
        _isBusy = true;
        var result = await change.DiscardAsync(Id, _discarded, _actor!, CancellationToken.None);
        _isBusy = false;
        _error = (result as ChangeDataSetResult.Refused)?.Message;
        if (result is ChangeDataSetResult.Changed changed)
        {
            navigation.NavigateTo($"data-sets/{changed.VersionId}");
        }
    }
}
