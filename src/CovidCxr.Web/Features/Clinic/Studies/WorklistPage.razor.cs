using System.Globalization;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;

namespace CovidCxr.Web.Features.Clinic.Studies;

/// <summary>The list of studies: filters in the address, refreshed when a study changes.</summary>
public sealed partial class WorklistPage(
    ListStudies listStudies, StudyChanges changes, NavigationManager navigation, TimeProvider time, IJSRuntime js)
    : ComponentBase, IAsyncDisposable
{
    const int PageSize = 50;

    const string Begun = "begun", Withdrawn = "Withdrawn";

    readonly CancellationTokenSource _gone = new();
    readonly PageScript _keys = new(js), _upload = new(js);
    readonly Requests<Question> _requests = new(new(new(PageSize: PageSize), null));
    WorklistQuery _answered = new(PageSize: PageSize);
    CovidCxr.Clinic.Studies.WorklistPage? _page;
    ElementReference _tray;
    Actor? _actor;
    PacedRefresh? _refresh;
    bool _showsDetails;

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
    public string? Up { get; set; }

    [SupplyParameterFromQuery]
    public string? Asked { get; set; }

    [SupplyParameterFromQuery]
    public string? Page { get; set; }

    /// <summary>What was asked for last: what the filters show.</summary>
    WorklistQuery Requested => _requests.Newest.Query;

    bool IsFiltered =>
        _answered is not
        {
            Text: null, IsRead: null, Status: null, View: null, PredictedClass: null, From: null, IsBegun: false, IsWithdrawn: false
        };

    bool SeesStudies => _actor is { } a && (a.Is(Role.Radiologist) || a.Is(Role.DepartmentLead));

    protected override async Task OnInitializedAsync()
    {
        _actor = (await Authentication).User.ToActor();
        _refresh = new(() => InvokeAsync(RefreshAsync), time, _gone.Token);
        changes.Changed += OnChanged;
    }

    protected override async Task OnParametersSetAsync()
    {
        // As texts, because an address is typed by hand, too, and one that does not fit a type would end the page.
        var query = new WorklistQuery(
            PageNumber.Read(Page), PageSize, Parse<WorklistSort>(Sort) ?? WorklistSort.Unread, ParseBool(Up) is not true, ParseBool(Read),
            Parse<StudyStatus>(Status),
            Parse<ViewPosition>(View), null, null, Nothing(Prediction), Nothing(Text), ParseBool(Asked) is true, Read == Begun,
            Status == Withdrawn);
        _requests.Arrive(new(query, Nothing(Days)));
        _answered = query with
        {
            From = int.TryParse(Days, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is > 0 and < 10_000
                ? time.GetUtcNow().AddDays(-days)
                : null,
        };
        await LoadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender || !SeesStudies)
        {
            return;
        }

        await _keys.StartAsync("./worklist.js", "listen");
        if (_actor!.Is(Role.Radiologist))
        {
            await _upload.StartAsync("./upload/upload.js", "openTray", _tray);
        }
    }

    async Task LoadAsync()
    {
        if (SeesStudies)
        {
            var asked = _answered;
            var answer = await listStudies.RunAsync(asked, _actor!, _gone.Token);
            // An older question's answer may come last.
            if (asked == _answered)
            {
                _page = answer;
            }
        }
    }

    /// <summary>Puts the question into the address; the page then answers it.</summary>
    void Ask(WorklistQuery query) => Ask(query, _requests.Newest.Days);

    void Ask(WorklistQuery query, string? days)
    {
        _requests.Add(new(query, days));
        navigation.NavigateTo(Address(query, days));
    }

    string Address(WorklistQuery query, string? days) => navigation.GetUriWithQueryParameters(new Dictionary<string, object?>
    {
        ["text"] = query.Text,
        ["read"] = Nothing(ReadWord(query)),
        ["status"] = StatusWord(query),
        ["view"] = query.View?.ToString(),
        ["prediction"] = query.PredictedClass,
        ["days"] = days,
        ["sort"] = query.Sort == WorklistSort.Unread ? null : query.Sort.ToString(),
        ["up"] = query.Descending ? null : true,
        ["page"] = query.Page == 0 ? null : query.Page + 1,
    });

    void OnChanged(Guid study) => _refresh!.Ask();

    async Task RefreshAsync()
    {
        await LoadAsync();
        StateHasChanged();
    }

    static string ReadWord(WorklistQuery query) => query.IsBegun ? Begun : query.IsRead?.ToString() ?? "";

    static WorklistQuery OfReadWord(WorklistQuery query, string? word) =>
        query with { IsRead = ParseBool(word), IsBegun = word == Begun, Page = 0 };

    string StatusOf(WorklistItem item) => _answered.IsWithdrawn ? "withdrawn" : item.Status.Words();

    static string? StatusWord(WorklistQuery query) => query.IsWithdrawn ? Withdrawn : query.Status?.ToString();

    static WorklistQuery OfStatusWord(WorklistQuery query, string? word) =>
        query with { Status = Parse<StudyStatus>(word), IsWithdrawn = word == Withdrawn, Page = 0 };

    static (string Sign, string Words) Seen(WorklistItem item) => item switch
    {
        { IsBegunByMe: true } => ("◐", "begun by you: locked, not finished"),
        { IsReadByMe: true } => ("✓", "read by you"),
        { ReadCount: > 0 } => ("·", "read"),
        _ => ("●", "unread"),
    };

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

    /// <param name="Query">Without the beginning of the period, which moves with the time.</param>
    /// <param name="Days">As the address has it.</param>
    sealed record Question(WorklistQuery Query, string? Days);

    public async ValueTask DisposeAsync()
    {
        changes.Changed -= OnChanged;
        await _gone.CancelAsync();
        await _keys.DisposeAsync();
        await _upload.DisposeAsync();
        _gone.Dispose();
    }
}
