using CovidCxr.Web.Shared;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace CovidCxr.Web.Features.Clinic.Readings;

/// <summary>One X-ray on the page, shown by wwwroot-assets/viewer. Give it a @key of its study.</summary>
public sealed partial class XrayViewer(IJSRuntime js) : ComponentBase, IAsyncDisposable
{
    const string Module = "./viewer/viewer.js";

    ElementReference _host;
    readonly PageScript _viewer = new(js);
    string? _shownHeat;
    bool _linked;

    [Parameter]
    public string? Id { get; set; }

    /// <summary>Names the image for screen readers.</summary>
    [Parameter, EditorRequired]
    public required string Label { get; set; }

    /// <summary>Stands on the image: whose it is, of which day, which view.</summary>
    [Parameter, EditorRequired]
    public required string Caption { get; set; }

    /// <summary>Whether it is another than the one that is read.</summary>
    [Parameter]
    public bool IsPrior { get; set; }

    /// <summary>A small picture of the image, which is seen until its samples are here.</summary>
    [Parameter, EditorRequired]
    public required string PreviewUrl { get; set; }

    [Parameter, EditorRequired]
    public required string PixelsUrl { get; set; }

    /// <summary>Null as long as this reader may not see the model's answer.</summary>
    [Parameter]
    public string? HeatUrl { get; set; }

    [Parameter]
    public string? HeatLabel { get; set; }

    /// <summary>Whether the heat map lies over the image when it comes; otherwise it waits until it is asked for.</summary>
    [Parameter]
    public bool IsHeatOn { get; set; } = true;

    /// <summary>Groups of keys of the page, shown in the list of keys before the viewer's own.</summary>
    [Parameter]
    public IReadOnlyList<KeyGroup> Keys { get; set; } = [];

    /// <summary>Moves and windows together with the page's other viewer.</summary>
    [Parameter]
    public bool Linked { get; set; }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            var keys = Keys.Select(g => new object[] { g.Name, g.Keys.Select(k => new[] { k.Key, k.Meaning }) });
            await _viewer.StartAsync(Module, "mount", _host, new { label = Label, pixels = PixelsUrl, keys });
        }

        await FollowParametersAsync();
    }

    async Task FollowParametersAsync()
    {
        if (!_viewer.IsRunning)
        {
            return;
        }

        if (_shownHeat != HeatUrl)
        {
            _shownHeat = HeatUrl;
            await (HeatUrl is null ? _viewer.CallAsync("showHeat") : _viewer.CallAsync("loadHeat", HeatUrl, HeatLabel, IsHeatOn));
        }

        if (_linked != Linked)
        {
            _linked = Linked;
            await _viewer.CallAsync("link", Linked);
        }
    }

    public ValueTask DisposeAsync() => _viewer.DisposeAsync();
}

public sealed record KeyGroup(string Name, IReadOnlyList<KeyMeaning> Keys);

public sealed record KeyMeaning(string Key, string Meaning);
