using System.Globalization;
using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Clinic.Worklist;
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
    ListStudies listStudies, AssignStudies assign, FindNextStudy findNext, SavedFilters savedFilters, StudyChanges changes,
    NavigationManager navigation, TimeProvider time, IJSRuntime js)
    : ComponentBase, IAsyncDisposable
{
    const int PageSize = 50;

    const string Begun = "begun", Late = "late", Urgent = "urgent", Withdrawn = "Withdrawn", Mine = "me", Nobodys = "nobody";

    readonly CancellationTokenSource _gone = new();
    readonly PageScript _keys = new(js), _upload = new(js);
    readonly Requests<Question> _requests = new(new(new(PageSize: PageSize), null));
    WorklistQuery _answered = new(PageSize: PageSize);
    CovidCxr.Clinic.Studies.WorklistPage? _page;
    ElementReference _tray;
    Actor? _actor;
    PacedRefresh? _refresh;
    IReadOnlyList<ReaderChoice> _readers = [];
    IReadOnlyList<SavedFilterView> _saved = [];
    readonly HashSet<Guid> _chosen = [];
    bool _showsDetails, _showsWork, _showsSaving, _isLeaving;
    string? _said;

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
    public string? Assigned { get; set; }

    [SupplyParameterFromQuery]
    public string? Page { get; set; }

    /// <summary>What was asked for last: what the filters show.</summary>
    WorklistQuery Requested => _requests.Newest.Query;

    bool IsFiltered =>
        _answered is not
        {
            Text: null, IsRead: null, Status: null, View: null, PredictedClass: null, From: null, IsBegun: false, IsWithdrawn: false,
            IsUrgent: false, AssignedTo: null, IsUnassigned: false, IsLate: false
        };

    string Summary => _page is null
        ? ""
        : $"{_page.Unread:N0} unread{(_page.Urgent > 0 ? $" · ▲ {_page.Urgent:N0} urgent" : "")} · {_page.Running:N0} running";

    bool SeesStudies => _actor is { } a && (a.Is(Role.Radiologist) || a.Is(Role.DepartmentLead));

    protected override async Task OnInitializedAsync()
    {
        _actor = (await Authentication).User.ToActor();
        _refresh = new(() => InvokeAsync(RefreshAsync), time, _gone.Token);
        changes.Changed += OnChanged;
        if (!SeesStudies)
        {
            return;
        }

        _readers = await assign.ListReadersAsync(_actor, _gone.Token);
        await ListSavedAsync();
        // Once, as the page opens: who takes all filters away afterwards wants all studies.
        if (_saved.FirstOrDefault(f => f.IsDefault) is { Query: [_, ..] query }
            && navigation.ToAbsoluteUri(navigation.Uri).Query.TrimStart('?').Length == 0)
        {
            _isLeaving = true;
            navigation.NavigateTo($"./?{query}", replace: true);
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_isLeaving)
        {
            // For the address of the filter that it opens with, which comes next.
            _isLeaving = false;
            return;
        }

        // As texts, because an address is typed by hand, too, and one that does not fit a type would end the page.
        var query = new WorklistQuery(
            PageNumber.Read(Page), PageSize, Parse<WorklistSort>(Sort) ?? WorklistSort.Unread, ParseBool(Up) is not true, ParseBool(Read),
            Parse<StudyStatus>(Status),
            Parse<ViewPosition>(View), null, null, Nothing(Prediction), Nothing(Text), ParseBool(Asked) is true, Read == Begun,
            Status == Withdrawn, Read == Urgent, IsLate: Read == Late);
        query = OfOwnerWord(query, Assigned) with { Page = query.Page };
        _said = null;
        var before = _requests.At;
        _requests.Arrive(new(query, Nothing(Days)));
        if (_requests.At != before)
        {
            // Nobody sees any more what was chosen.
            _chosen.Clear();
        }

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
                // What left the page is acted on no more: nobody sees it.
                _chosen.IntersectWith(answer.Items.Select(i => i.Id));
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

    string Address(WorklistQuery query, string? days) => navigation.GetUriWithQueryParameters(Parameters(query, days));

    /// <summary>What is asked for, as it is saved: from the first page on, and always in the same order.</summary>
    string SavedQuery => navigation.ToAbsoluteUri(navigation.GetUriWithQueryParameters(
        navigation.BaseUri, Parameters(Requested with { Page = 0 }, _requests.Newest.Days))).Query.TrimStart('?');

    Dictionary<string, object?> Parameters(WorklistQuery query, string? days) => new()
    {
        ["text"] = query.Text,
        ["read"] = Nothing(ReadWord(query)),
        ["status"] = StatusWord(query),
        ["view"] = query.View?.ToString(),
        ["prediction"] = query.PredictedClass,
        ["days"] = days,
        ["sort"] = query.Sort == WorklistSort.Unread ? null : query.Sort.ToString(),
        ["up"] = query.Descending ? null : true,
        ["assigned"] = OwnerWord(query),
        ["asked"] = query.IsAsked ? true : null,
        ["page"] = query.Page == 0 ? null : query.Page + 1,
    };

    async Task ListSavedAsync()
    {
        _saved = await savedFilters.ListAsync(_actor!, _gone.Token);
        _showsSaving = false;
    }

    async Task OpenNextAsync()
    {
        if (await findNext.RunAsync(null, _actor!, _gone.Token) is { } next)
        {
            navigation.NavigateTo($"studies/{next}");
            return;
        }

        _said = "Nothing unread waits for you.";
    }

    void Choose(Guid study, bool isChosen) => _ = isChosen ? _chosen.Add(study) : _chosen.Remove(study);

    void ChooseAll(bool areChosen)
    {
        foreach (var item in _page!.Items)
        {
            Choose(item.Id, areChosen);
        }
    }

    /// <summary>What the filters find; null where it is more than the page says, or less, or too many.</summary>
    async Task<IReadOnlyCollection<Guid>?> ListAllAsync()
    {
        var shown = _page!.Total;
        var all = await listStudies.RunAsync(
            _answered with { Page = 0, PageSize = WorklistChange.MostStudies }, _actor!, _gone.Token, hasAnswers: false);
        return all.Total == shown && all.Items.Count == shown ? [.. all.Items.Select(i => i.Id)] : null;
    }

    async Task WorkDoneAsync()
    {
        _chosen.Clear();
        await LoadAsync();
    }

    void OnChanged(Guid study) => _refresh!.Ask();

    async Task RefreshAsync()
    {
        await LoadAsync();
        StateHasChanged();
    }

    static string Count(int? number) => number > 0 ? $" ({number:N0})" : "";

    static string ReadWord(WorklistQuery query) =>
        query.IsBegun ? Begun : query.IsUrgent ? Urgent : query.IsLate ? Late : query.IsRead?.ToString() ?? "";

    static WorklistQuery OfReadWord(WorklistQuery query, string? word) =>
        query with { IsRead = ParseBool(word), IsBegun = word == Begun, IsUrgent = word == Urgent, IsLate = word == Late, Page = 0 };

    // Whoever opens a saved filter or a copied address with "me" is the one who is meant.
    string? OwnerWord(WorklistQuery query) =>
        query.IsUnassigned ? Nobodys : query.AssignedTo == _actor?.UserId ? Mine : query.AssignedTo?.ToString();

    WorklistQuery OfOwnerWord(WorklistQuery query, string? word) => query with
    {
        AssignedTo = word == Mine ? _actor?.UserId : Guid.TryParse(word, out var reader) ? reader : null,
        IsUnassigned = word == Nobodys,
        Page = 0,
    };

    static string Further(WorklistItem item) =>
        item.FurtherImages == 1 ? "and one image more of the same visit" : $"and {item.FurtherImages} images more of the same visit";

    string StatusOf(WorklistItem item) => _answered.IsWithdrawn ? "withdrawn" : item.Status.Words();

    // A screen reader says the reason with the link on which the arrows stop.
    static string? ReasonId(WorklistItem item) => item.StatusReason is null ? null : $"reason-{item.Id}";

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
