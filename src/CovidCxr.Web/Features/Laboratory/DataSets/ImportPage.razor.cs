using System.Globalization;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Laboratory.DataSets.Sources;
using CovidCxr.Learning.Data;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;

namespace CovidCxr.Web.Features.Laboratory.DataSets;

/// <summary>The first two steps of an import: which files, and what they say of class and patient.</summary>
public sealed partial class ImportPage(
    ImportSources sources, PreviewImport preview, StartImport start, NavigationManager navigation, IJSRuntime js) : ComponentBase
{
    const string Module = "./data-sets/upload.js";

    const int MostShown = 20, MostClasses = 60;

    readonly Dictionary<string, string> _classes = [];
    IReadOnlyList<string> _folders = [];
    ElementReference _form;
    ImportPreview? _preview;
    ImportMapping _mapping = new();
    Actor? _actor;
    string _name = "", _source = "", _rest = "", _others = "Other";
    string? _refusal;
    int _previews;
    bool _isBusy, _isAttached;

    [SupplyParameterFromQuery]
    public string? Archive { get; set; }

    [SupplyParameterFromQuery]
    public string? Folder { get; set; }

    [SupplyParameterFromQuery]
    public string? Clinic { get; set; }

    /// <summary>The archive's own.</summary>
    [SupplyParameterFromQuery]
    public string? Name { get; set; }

    /// <summary>The version whose data set the images are added to.</summary>
    [SupplyParameterFromQuery]
    public string? Into { get; set; }

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    // As texts, because an address is typed by hand, too, and one that does not fit a type would end the page.
    Guid? ArchiveId => Guid.TryParse(Archive, out var id) ? id : null;

    Guid? IntoId => Guid.TryParse(Into, out var id) ? id : null;

    // Goes along from page to page.
    string AndInto => IntoId is { } id ? $"&into={id}" : "";

    string First => _preview!.Contradictions.Count > MostShown ? $"; the first {MostShown}" : "";

    bool IsClinic => bool.TryParse(Clinic, out var isClinic) && isClinic;

    ImportOrigin? Origin => (IsClinic, ArchiveId, Folder) switch
    {
        (true, _, _) => new(null, null, true),
        (_, { } id, _) => new(id, null),
        (_, _, { } folder) => new(null, folder),
        _ => null,
    };

    protected override async Task OnParametersSetAsync()
    {
        _actor = (await Authentication).User.ToActor();
        _preview = null;
        if (Origin is null)
        {
            _folders = sources.Folders(_actor);
            return;
        }

        _name = IsClinic ? "Clinic" : Folder ?? Name ?? "";
        _source = IsClinic ? ImportImages.Clinic : _name;
        await PreviewAsync(null);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // Back from a source, and the form is drawn anew.
        var isNew = Origin is null && !_isAttached;
        _isAttached = Origin is null;
        if (!isNew)
        {
            return;
        }

        try
        {
            await using var module = await js.InvokeAsync<IJSObjectReference>("import", Module);
            await module.InvokeVoidAsync("attach", _form);
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException)
        {
            // The circuit is lost, and the page with it.
        }
    }

    RenderFragment ColumnOptions(string none) => builder =>
    {
        foreach (var column in _preview!.Columns.Prepend(""))
        {
            builder.OpenElement(0, "option");
            builder.AddAttribute(1, "value", column);
            builder.AddContent(2, column.Length == 0 ? none : column);
            builder.CloseElement();
        }
    };

    static string? Chosen(ChangeEventArgs e) => Chosen(e.Value as string);

    static string? Chosen(string? text) => text is { Length: > 0 } ? text : null;

    static int? Number(ChangeEventArgs e) => int.TryParse(e.Value as string, CultureInfo.InvariantCulture, out var number) ? number : null;

    static string Some(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(4)) + (names.Count > 4 ? $" and {names.Count - 4} more" : "");

    /// <summary>"COVID-19 negative" and its like: nobody but a person says what they are.</summary>
    bool IsOpen(string name) => IsDoubtful(name) && string.IsNullOrWhiteSpace(_classes.GetValueOrDefault(name));

    /// <summary>Those that do not speak of the disease at all.</summary>
    IEnumerable<string> Others => _preview!.Classes.Select(c => c.Class).Where(c => !ReadDisease.IsMentionedIn(c));

    // One step, whatever their number; each can still be changed afterwards.
    void MergeOthers()
    {
        foreach (var name in Others)
        {
            _classes[name] = _others.Trim();
        }

        _rest = _preview!.Classes.Skip(MostClasses).All(c => !ReadDisease.IsMentionedIn(c.Class)) ? _others.Trim() : _rest;
    }

    static bool IsDoubtful(string name) =>
        ReadDisease.IsMentionedIn(name) && LabelWords.IsDoubtful(name, ReadDisease.Name);

    static string NameOf(string name) =>
        IsDoubtful(name) ? "" : ReadDisease.IsMentionedIn(name) ? ReadDisease.Name : name;

    Task ChooseTableAsync(string? table) =>
        PreviewAsync(new() { Table = string.IsNullOrEmpty(table) ? null : table, PatientPattern = _mapping.PatientPattern });

    Task MapAsync(Action<ImportMapping> change)
    {
        // A copy: the one before may be in the hands of a preview that is not done.
        _mapping = _mapping with { };
        change(_mapping);
        return PreviewAsync(_mapping);
    }

    async Task PreviewAsync(ImportMapping? mapping)
    {
        var asked = ++_previews;
        var answer = await preview.RunAsync(Origin!, mapping, _actor!, CancellationToken.None);
        if (asked != _previews)
        {
            // Typed on meanwhile: the newest preview counts.
            return;
        }

        _preview = answer;
        _mapping = _preview.Mapping;
        foreach (var (name, _) in _preview.Classes)
        {
            _classes.TryAdd(name, NameOf(name));
        }
    }

    async Task StartAsync()
    {
        _isBusy = true;
        var named = _preview!.Classes.Index().ToDictionary(
            c => c.Item.Class, c => c.Index < MostClasses ? _classes.GetValueOrDefault(c.Item.Class, "") : _rest);
        var recipe = new ImportRecipe(Origin!, _mapping, named) { Source = _source, AddedTo = IntoId };
        var result = await start.RunAsync(_name, recipe, _actor!, CancellationToken.None);
        _isBusy = false;
        _refusal = (result as StartImportResult.Refused)?.Message;
        if (result is StartImportResult.Started started)
        {
            navigation.NavigateTo($"data-sets/{started.VersionId}");
        }
    }
}
