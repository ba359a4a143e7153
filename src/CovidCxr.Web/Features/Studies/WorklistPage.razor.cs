using CovidCxr.Application.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;

namespace CovidCxr.Web.Features.Studies;

/// <summary>The list of studies: filters in the address, refreshed when a study changes, at most twice a second.</summary>
public sealed partial class WorklistPage(ListStudies listStudies, StudyChanges changes, NavigationManager navigation, TimeProvider time, IJSRuntime js)
    : ComponentBase, IAsyncDisposable
{
    const int PageSize = 50;
    static readonly TimeSpan Throttle = TimeSpan.FromMilliseconds(500);

    readonly CancellationTokenSource _gone = new();
    readonly List<IJSObjectReference> _scripts = [];
    WorklistQuery _query = new(PageSize: PageSize);
    Application.Studies.WorklistPage? _page;
    ElementReference _tray;
    Actor? _actor;
    string? _period;
    bool _showsDetails;
    int _isRefreshing;

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    [SupplyParameterFromQuery]
    public string? Text { get; set; }

    [SupplyParameterFromQuery]
    public string? Read { get; set; }

    [SupplyParameterFromQuery]
    public string? Status { get; set; }

    [SupplyParameterFromQuery]
    public string? View { get; set; }

    [SupplyParameterFromQuery]
    public string? Prediction { get; set; }

    [SupplyParameterFromQuery]
    public string? Days { get; set; }

    [SupplyParameterFromQuery]
    public string? Sort { get; set; }

    [SupplyParameterFromQuery]
    public bool? Up { get; set; }

    [SupplyParameterFromQuery]
    public bool? Asked { get; set; }

    [SupplyParameterFromQuery]
    public int? Page { get; set; }

    bool IsFiltered => _query is not { Text: null, IsRead: null, Status: null, View: null, PredictedClass: null, From: null };

    bool SeesStudies => _actor is { } a && (a.Is(Role.Radiologist) || a.Is(Role.DepartmentLead));

    protected override async Task OnInitializedAsync()
    {
        _actor = (await Authentication).User.ToActor();
        changes.Changed += OnChanged;
    }

    protected override async Task OnParametersSetAsync()
    {
        _period = Days;
        _query = new(
            Math.Max(0, (Page ?? 1) - 1), PageSize, Parse<WorklistSort>(Sort) ?? WorklistSort.Unread, !(Up ?? false), ParseBool(Read), Parse<StudyStatus>(Status),
            Parse<ViewPosition>(View), int.TryParse(Days, out var days) && days is > 0 and < 10_000 ? time.GetUtcNow().AddDays(-days) : null, null, Nothing(Prediction), Nothing(Text), Asked is true);
        await LoadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender || !SeesStudies)
        {
            return;
        }

        try
        {
            _scripts.Add(await StartAsync("./worklist.js", "listen"));
            if (_actor!.Is(Role.Radiologist))
            {
                _scripts.Add(await StartAsync("./upload/upload.js", "openTray", _tray));
            }
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException)
        {
            // Gone before the page was ready.
        }
    }

    async Task<IJSObjectReference> StartAsync(string path, string function, params object?[] arguments)
    {
        await using var module = await js.InvokeAsync<IJSObjectReference>("import", path);
        return await module.InvokeAsync<IJSObjectReference>(function, arguments);
    }

    async Task LoadAsync()
    {
        if (SeesStudies)
        {
            var asked = _query;
            var answer = await listStudies.RunAsync(asked, _actor!, _gone.Token);
            // An older question's answer may come last.
            if (asked == _query)
            {
                _page = answer;
            }
        }
    }

    /// <summary>Puts the question into the address; the page then answers it.</summary>
    void Ask(WorklistQuery query) => navigation.NavigateTo(navigation.GetUriWithQueryParameters(new Dictionary<string, object?>
    {
        ["text"] = Nothing(query.Text),
        ["read"] = query.IsRead?.ToString(),
        ["status"] = query.Status?.ToString(),
        ["view"] = query.View?.ToString(),
        ["prediction"] = query.PredictedClass,
        ["days"] = Nothing(_period),
        ["sort"] = query.Sort == WorklistSort.Unread ? null : query.Sort.ToString(),
        ["up"] = query.Descending ? null : true,
        ["page"] = query.Page == 0 ? null : query.Page + 1,
    }));

    void AskPeriod(string? days)
    {
        _period = days;
        Ask(_query with { Page = 0 });
    }

    void OnChanged(Guid study)
    {
        // One refresh serves all changes of the next half second.
        if (Interlocked.Exchange(ref _isRefreshing, 1) == 0)
        {
            _ = InvokeAsync(RefreshSoonAsync);
        }
    }

    async Task RefreshSoonAsync()
    {
        try
        {
            await Task.Delay(Throttle, time, _gone.Token);
            Interlocked.Exchange(ref _isRefreshing, 0);
            await LoadAsync();
            StateHasChanged();
        }
        catch (OperationCanceledException)
        {
            // The page is gone.
        }
    }

    string Waiting(DateTimeOffset since) => (time.GetUtcNow() - since) switch
    {
        { TotalMinutes: < 60 } span => $"{span.TotalMinutes:F0} min",
        { TotalHours: < 48 } span => $"{span.TotalHours:F0} h",
        var span => $"{span.TotalDays:F0} d",
    };

    static T? Parse<T>(object? value)
        where T : struct, Enum => Enum.TryParse<T>(value as string, out var parsed) && Enum.IsDefined(parsed) ? parsed : null;

    static bool? ParseBool(object? value) => bool.TryParse(value as string, out var parsed) ? parsed : null;

    static string? Nothing(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    static string? TextOf(object? value) => Nothing(value as string);

    public async ValueTask DisposeAsync()
    {
        changes.Changed -= OnChanged;
        await _gone.CancelAsync();
        try
        {
            foreach (var script in _scripts)
            {
                await script.InvokeVoidAsync("dispose");
                await script.DisposeAsync();
            }
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException)
        {
            // The circuit is lost, and the page with it.
        }

        _gone.Dispose();
    }
}
