using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace CovidCxr.Web.Features.Reading;

/// <summary>One X-ray on the page, shown by wwwroot-assets/viewer. Give it a @key of its study.</summary>
public sealed partial class XrayViewer(IJSRuntime js) : ComponentBase, IAsyncDisposable
{
    const string Module = "./viewer/viewer.js";

    ElementReference _host;
    IJSObjectReference? _viewer;
    string? _shownHeat;
    bool _linked;
    bool _disposed;

    [Parameter]
    public string? Id { get; set; }

    /// <summary>Names the image for screen readers.</summary>
    [Parameter, EditorRequired]
    public required string Label { get; set; }

    [Parameter, EditorRequired]
    public required string PixelsUrl { get; set; }

    /// <summary>Null as long as this reader may not see the model's answer.</summary>
    [Parameter]
    public string? HeatUrl { get; set; }

    [Parameter]
    public string? HeatLabel { get; set; }

    /// <summary>Groups of keys of the page, shown in the list of keys before the viewer's own.</summary>
    [Parameter]
    public IReadOnlyList<KeyGroup> Keys { get; set; } = [];

    /// <summary>Moves and windows together with the page's other viewer.</summary>
    [Parameter]
    public bool Linked { get; set; }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        try
        {
            if (firstRender)
            {
                var module = await js.InvokeAsync<IJSObjectReference>("import", Module);
                var keys = Keys.Select(g => new object[] { g.Name, g.Keys.Select(k => new[] { k.Key, k.Meaning }) });
                _viewer = await module.InvokeAsync<IJSObjectReference>("mount", _host, new { label = Label, pixels = PixelsUrl, keys });
                await module.DisposeAsync();
                if (_disposed)
                {
                    await DisposeViewerAsync();
                }
            }

            await FollowParametersAsync();
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException)
        {
            // The reader has gone; so has the page that held the viewer.
        }
    }

    async Task FollowParametersAsync()
    {
        if (_viewer is null || _disposed)
        {
            return;
        }

        if (_shownHeat != HeatUrl)
        {
            _shownHeat = HeatUrl;
            await (HeatUrl is null ? _viewer.InvokeVoidAsync("showHeat", null) : _viewer.InvokeVoidAsync("loadHeat", HeatUrl, HeatLabel));
        }

        if (_linked != Linked)
        {
            _linked = Linked;
            await _viewer.InvokeVoidAsync("link", Linked);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_disposed)
        {
            _disposed = true;
            await DisposeViewerAsync();
        }
    }

    async Task DisposeViewerAsync()
    {
        if (_viewer is null)
        {
            return;
        }

        try
        {
            await _viewer.InvokeVoidAsync("dispose");
            await _viewer.DisposeAsync();
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException)
        {
            // The circuit is lost: the browser lets go of the viewer with the page.
        }
    }
}

public sealed record KeyGroup(string Name, IReadOnlyList<KeyMeaning> Keys);

public sealed record KeyMeaning(string Key, string Meaning);
