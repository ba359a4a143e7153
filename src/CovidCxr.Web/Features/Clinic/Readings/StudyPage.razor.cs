using System.Globalization;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace CovidCxr.Web.Features.Clinic.Readings;

/// <summary>One study: the image, the reader's form, the model's answer once it may be seen, what was said before.</summary>
[Authorize(AccessPolicies.ViewStudies)]
public sealed partial class StudyPage(GetStudy getStudy, ListStudies listStudies, RecordReading recordReading, StudyChanges changes)
    : ComponentBase, IDisposable
{
    readonly CancellationTokenSource _gone = new();
    StudyDetail? _detail;
    ReadingDraft _draft = new();
    EarlierStudy? _beside;
    Actor? _actor;
    Guid? _opened;
    Guid? _next;
    int _class;
    bool _linked = true;
    bool _isNextKnown;
    bool _correcting;
    bool _busy;
    bool _isMissing;
    string? _said;

    [Parameter]
    public Guid Id { get; set; }

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    /// <summary>The stage that the open form is for; null where none is open.</summary>
    ReadingStage? Stage => _correcting ? _detail!.Readings.Single(r => r.Id == _detail.CorrectableId).Stage : _detail?.NextStage;

    ReadingView? Blind => _detail?.Readings.FirstOrDefault(r => r.IsOwn && r.Stage == ReadingStage.Blind);

    string StageWords => Stage switch
    {
        _ when _correcting => "correction",
        ReadingStage.Blind => "1 of 2, before the model",
        ReadingStage.Final => "2 of 2, with the model",
        ReadingStage.Concurrent => "with the model",
        _ => "saved",
    };

    protected override void OnInitialized() => changes.Changed += OnChanged;

    protected override async Task OnParametersSetAsync()
    {
        // Not while the server renders ahead of the circuit: a view counts, and is audited, once.
        if (_opened == Id || !RendererInfo.IsInteractive)
        {
            return;
        }

        _opened = Id;
        _actor = (await Authentication).User.ToActor();
        (_detail, _beside, _said, _correcting, _isNextKnown, _isMissing) = (null, null, null, false, false, false);
        if (!await LoadAsync(isView: true))
        {
            return;
        }

        _isMissing = _detail is null;
        _draft = ReadingDraft.From(_detail?.Readings.LastOrDefault(r => r.IsOwn));
        // The image need not wait for the question which study is next.
        StateHasChanged();
        await FindNextAsync();
    }

    void OnChanged(Guid studyId)
    {
        if (studyId == _opened && !_gone.IsCancellationRequested)
        {
            _ = InvokeAsync(RefreshAsync);
        }
    }

    async Task RefreshAsync()
    {
        // A reader's own submission reloads by itself.
        if (_busy || _gone.IsCancellationRequested)
        {
            return;
        }

        try
        {
            await LoadAsync(isView: false);
            StateHasChanged();
        }
        catch (OperationCanceledException)
        {
            // The page has been left.
        }
    }

    /// <summary>False where another study has been opened meanwhile: its page must not show this one.</summary>
    async Task<bool> LoadAsync(bool isView)
    {
        var asked = Id;
        var detail = await getStudy.RunAsync(asked, isView, _actor!, _gone.Token);
        if (asked != Id)
        {
            return false;
        }

        var known = _detail?.Prediction?.Id;
        _detail = detail;
        if (_detail?.Prediction is { } shown && shown.Id != known)
        {
            _class = shown.PredictedIndex;
        }

        return true;
    }

    async Task FindNextAsync()
    {
        var asked = await listStudies.RunAsync(new WorklistQuery(PageSize: 2, IsAsked: true), _actor!, _gone.Token);
        var unread = await listStudies.RunAsync(new WorklistQuery(PageSize: 10, IsRead: false), _actor!, _gone.Token);
        _next = asked.Items.Concat(unread.Items).FirstOrDefault(s => s.Id != Id && !s.IsReadByMe)?.Id;
        _isNextKnown = true;
    }

    async Task HandInAsync()
    {
        if (_busy || Stage is not { } stage)
        {
            return;
        }

        if (_draft.Opinion is not { } opinion)
        {
            _said = "Choose an opinion first: keys 1 to 5.";
            return;
        }

        var shown = stage == ReadingStage.Blind ? null : _detail!.Prediction;
        if (shown is not null && _draft.Agrees is null)
        {
            _said = "Do you agree with the model? Keys y and n.";
            return;
        }

        _busy = true;
        try
        {
            await RecordAsync(new(
                _draft.SubmissionId,
                Id,
                stage,
                opinion,
                _draft.Confidence,
                shown is null ? null : _draft.Agrees,
                shown is null ? null : _draft.HeatMapUseful,
                _draft.Note,
                shown?.Id, _correcting ? _detail!.CorrectableId : null));
        }
        finally
        {
            _busy = false;
        }
    }

    async Task RecordAsync(RecordReadingRequest request)
    {
        var result = await recordReading.RunAsync(request, _actor!, _gone.Token);
        if (result is RecordReadingResult.Refused refused)
        {
            _said = refused.Message;
            await LoadAsync(isView: false);
            return;
        }

        _correcting = false;
        _said = request.Stage == ReadingStage.Blind ? "Locked." : "Saved.";
        await LoadAsync(isView: false);
        // The final opinion starts from the locked one: who keeps it need not say it twice.
        _draft = ReadingDraft.From(_detail?.Readings.LastOrDefault(r => r.IsOwn));
        await FindNextAsync();
    }

    void Correct()
    {
        _correcting = true;
        _said = null;
        _draft = ReadingDraft.From(_detail!.Readings.Single(r => r.Id == _detail.CorrectableId));
    }

    void Compare(EarlierStudy earlier) => _beside = _beside == earlier ? null : earlier;

    static string When(EarlierStudy earlier) =>
        earlier.AcquiredOn?.Iso() ?? earlier.ReceivedAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public void Dispose()
    {
        changes.Changed -= OnChanged;
        _gone.Cancel();
    }
}
