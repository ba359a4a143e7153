using System.Globalization;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Clinic.Worklist;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace CovidCxr.Web.Features.Clinic.Readings;

/// <summary>One study: the image, the reader's form, the model's answer once it may be seen, what was said before.</summary>
[Authorize(AccessPolicies.ViewStudies)]
public sealed partial class StudyPage(
    GetStudy getStudy, FindNextStudy findNext, RecordReading recordReading, Drafts drafts, StudyChanges changes)
    : ComponentBase, IDisposable
{
    readonly CancellationTokenSource _gone = new();
    Task _kept = Task.CompletedTask;
    StudyDetail? _detail;
    ReadingDraft _draft = new();
    EarlierStudy? _beside;
    // The one image of the visit that hangs alone; null for side by side.
    Guid? _alone;
    Actor? _actor;
    Guid? _opened;
    Guid? _next;
    int _class;

    // Below the threshold it shows where nothing was found, and draws the eye all the same: only for who asks, by key or by class.
    bool IsHeatOn => _detail?.Prediction is { } shown && (shown.IsPositive || _class != shown.PredictedIndex);
    bool _linked = true;
    bool _isNextKnown;
    bool _correcting;
    bool _busy;
    bool _isMissing;
    string? _said;

    // The only keys that the form takes: what is missing, or what a refused save asks for. A reader who types on, sure to be at the next
    // film already, must not write that film's reading onto this one.
    string? _awaited;

    const string OpinionKeys = "1 2 3 4 5", ConfidenceKeys = "Shift+1 Shift+2 Shift+3 Shift+4 Shift+5", VerdictKeys = "y d",
        RefusedKeys = "Enter Escape";

    [Parameter]
    public Guid Id { get; set; }

    /// <summary>The number under which the film was uploaded again.</summary>
    [SupplyParameterFromQuery(Name = "number")]
    public string? Number { get; set; }

    /// <summary>Another film of the patient, to be shown beside this one.</summary>
    [SupplyParameterFromQuery(Name = "beside")]
    public string? Beside { get; set; }

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    /// <summary>The stage that the open form is for; null where none is open.</summary>
    ReadingStage? Stage => _correcting
        ? _detail?.Readings.FirstOrDefault(r => r.Id == _detail.CorrectableId)?.Stage
        : _detail?.NextStage;

    ReadingView? Blind => _detail?.Readings.FirstOrDefault(r => r.IsOwn && r.Stage == ReadingStage.Blind);

    string StageWords => Stage switch
    {
        _ when _correcting => "correction",
        ReadingStage.Blind => "1 of 2, before the model",
        ReadingStage.Final => "2 of 2, with the model",
        ReadingStage.Concurrent => "with the model",
        _ when _detail?.IsWithdrawn == true => "withdrawn",
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
        (_detail, _beside, _alone, _said, _awaited) = (null, null, null, null, null);
        (_correcting, _isNextKnown, _isMissing) = (false, false, false);
        if (!await LoadAsync(isView: true))
        {
            return;
        }

        _isMissing = _detail is null;
        _beside = Guid.TryParse(Beside, out var beside) ? _detail?.Earlier.FirstOrDefault(e => e.Id == beside) : null;
        Begin(_detail?.Readings.LastOrDefault(r => r.IsOwn));
        await ResumeAsync();
        // The image need not wait for the question which study is next.
        StateHasChanged();
        await FindNextAsync();
    }

    void OnChanged(Guid studyId)
    {
        // The film beside may have moved to another patient.
        if ((StudyChanges.Concern(studyId, _opened) || studyId == _beside?.Id) && !_gone.IsCancellationRequested)
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
        _beside = detail?.Earlier.FirstOrDefault(e => e.Id == _beside?.Id);
        if (_correcting && detail?.CorrectableId is null)
        {
            // What was typed stands in the form until the page is left.
            (_correcting, _said) = (false, "The study was withdrawn: your correction is not saved. Copy what you need of it.");
        }

        if (Stage is null)
        {
            _awaited = null;
        }

        if (_detail?.Prediction is { } shown && shown.Id != known)
        {
            _class = shown.PredictedIndex;
            _draft.Agrees ??= _draft.Implied(shown);
        }

        return true;
    }

    async Task FindNextAsync()
    {
        _next = await findNext.RunAsync(Id, _actor!, _gone.Token);
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
            Await(OpinionKeys, "Choose an opinion first: keys 1 to 5.");
            return;
        }

        if (_draft.Confidence is not { } confidence)
        {
            Await(ConfidenceKeys, "How sure are you? Keys Shift+1 to Shift+5.");
            return;
        }

        var shown = stage == ReadingStage.Blind ? null : _detail!.Prediction;
        if (shown is not null && _draft.Agrees is null)
        {
            Await(VerdictKeys, "Do you agree with the model? Keys y and d.");
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
                confidence,
                shown is null ? null : _draft.Agrees,
                shown is null ? null : _draft.HeatMapUseful,
                _draft.Note,
                shown?.Id, _correcting ? _detail!.CorrectableId : null)
            {
                ShownImages = _detail!.Images.Count,
            });
        }
        finally
        {
            _busy = false;
        }
    }

    async Task RecordAsync(RecordReadingRequest request)
    {
        // Nothing that is kept later may stand beside a reading that is handed in.
        await _kept.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        var result = await recordReading.RunAsync(request, _actor!, _gone.Token);
        if (result is RecordReadingResult.Refused refused)
        {
            Await(RefusedKeys, refused.Message);
            await LoadAsync(isView: false);
            return;
        }

        (_correcting, _awaited) = (false, null);
        _said = request.Stage == ReadingStage.Blind ? "Locked." : "Saved.";
        await LoadAsync(isView: false);
        // The final opinion starts from the locked one: who keeps it need not say it twice.
        Begin(_detail?.Readings.LastOrDefault(r => r.IsOwn));
        // What was saved, and the model's answer, need not wait either; until then the next film is the one that was found at the opening.
        StateHasChanged();
        await FindNextAsync();
    }

    // What was said before stands with the image in sight too: the same once more, and newer than the image.
    async Task LetStandAsync()
    {
        if (_busy || _detail?.Readings.FirstOrDefault(r => r.Id == _detail.CorrectableId) is not { } own)
        {
            return;
        }

        _busy = true;
        try
        {
            await RecordAsync(new(
                Guid.NewGuid(), Id, own.Stage, own.Opinion, own.Confidence, own.AgreesWithPrediction, own.HeatMapUseful, own.Note,
                own.PredictionId, own.Id)
            {
                ShownImages = _detail.Images.Count,
            });
        }
        finally
        {
            _busy = false;
        }
    }

    void Correct()
    {
        _correcting = true;
        TakeKeysAgain();
        Begin(_detail!.Readings.Single(r => r.Id == _detail.CorrectableId));
    }

    void Begin(ReadingView? said)
    {
        _draft = ReadingDraft.From(said);
        _draft.Agrees ??= _draft.Implied(_detail?.Prediction);
    }

    // Where it was left when the connection, the program or the session ended, or the study was withdrawn.
    async Task ResumeAsync()
    {
        if (_detail is { NextStage: not null } or { IsWithdrawn: true, CanRead: true }
            && await drafts.FindAsync(Id, _actor!, _gone.Token) is { } kept)
        {
            _draft = ReadingDraft.From(kept);
            _draft.Agrees ??= _draft.Implied(_detail.Prediction);
            _said = _detail.IsWithdrawn ? null : "As you left it: not saved yet.";
        }
    }

    async Task OpinionChangedAsync()
    {
        _draft.Agrees ??= _draft.Implied(_detail!.Prediction);
        await ChangedAsync();
    }

    async Task ChangedAsync()
    {
        TakeKeysAgain();
        if (!_correcting)
        {
            await (_kept = KeepAsync(_kept, Id));
        }
    }

    // One after the other, so that what is kept in the end is the newest.
    async Task KeepAsync(Task before, Guid study)
    {
        var (opinion, confidence, agrees, useful, note) =
            (_draft.Opinion, _draft.Confidence, _draft.Agrees, _draft.HeatMapUseful, _draft.Note);
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await drafts.KeepAsync(study, opinion, confidence, agrees, useful, note, _actor!, _gone.Token);
    }

    void TakeKeysAgain() => (_awaited, _said) = (null, null);

    void Await(string keys, string said) => (_awaited, _said) = (keys, said);

    void AskToGoOn() => Await(RefusedKeys, "This film is not saved yet: Enter saves it, Esc changes it.");

    void Compare(EarlierStudy earlier) => _beside = _beside == earlier ? null : earlier;

    IReadOnlyList<HungImage> Hung => HungImage.On(_detail!, _alone, _beside is not null);

    string Which(HungImage image) => _detail!.Images.Count == 0 ? "" : $", {image.Name}";

    // A film without a date is not given that of its arrival as if it were its own.
    /// <param name="name">View and side; null for the view alone.</param>
    string Caption(DateOnly? acquired, DateTimeOffset received, ViewPosition view, string? name = null) =>
        $"{_detail!.PatientNumber ?? "no patient number"} · "
            + $"{acquired?.Iso() ?? $"received {received.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}"}"
            + (view == ViewPosition.Unknown && _detail.Images.Count == 0 ? "" : $" · {name ?? view.Words()}");

    static string When(EarlierStudy earlier) =>
        earlier.AcquiredOn?.Iso() ?? earlier.ReceivedAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public void Dispose()
    {
        changes.Changed -= OnChanged;
        _gone.Cancel();
    }
}
