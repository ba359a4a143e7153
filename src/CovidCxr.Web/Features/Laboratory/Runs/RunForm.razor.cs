using System.Globalization;
using CovidCxr.Domain.Runs;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Laboratory.Plans;
using CovidCxr.Laboratory.Runs;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Training;
using CovidCxr.Web.Shared.Charts;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace CovidCxr.Web.Features.Laboratory.Runs;

/// <summary>The options of a new run: preset on top, the five that people change below it, the others folded.</summary>
public sealed partial class RunForm(
    StartTrainingRun start, WatchTrainingRun watch, ControlTrainingRun control, DescribeDivision describe) : ComponentBase, IAsyncDisposable
{
    static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(500);

    readonly CancellationTokenSource _gone = new();
    TrainingPreset _preset = TrainingPreset.All[0];
    TrainingDraft _draft = TrainingPreset.All[0].Draft();
    IReadOnlyList<ChartSeries> _rates = [], _momenta = [], _curve = [];
    PlanDraft _plan = new();
    string? _refusal;
    bool _isBusy;

    DivisionView? _division;
    RangeTestProgress? _rangeTest;
    double? _picked;

    /// <summary>Those that can be trained on.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<DataSetVersionView> Versions { get; set; }

    /// <summary>Those that can be started from.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<InitialModelView> Models { get; set; }

    [Parameter]
    public EventCallback<Guid> OnStarted { get; set; }

    [Parameter]
    public EventCallback OnClosed { get; set; }

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    bool HasImageNet => ImageNetWeights.Architectures.Contains(_draft.Architecture);

    // A version's id, ImageNet's name, or empty for random weights.
    string StartFrom
    {
        get => _draft.StartsFromImageNet ? ImageNetWeights.Name : _draft.InitialVersionId?.ToString() ?? "";
        set
        {
            _draft.StartsFromImageNet = value == ImageNetWeights.Name;
            _draft.InitialVersionId = Guid.TryParse(value, out var id) ? id : null;
        }
    }

    bool StartsFrozen => _draft is { InitialVersionId: null, StartsFromImageNet: false } and
        ({ Mode: not UnfreezingMode.All } or { FrozenStages: > 0 });

    string StartWords => _draft.StartsFromImageNet
        ? "The first layers start from photographs of ImageNet, the head at random."
        : _draft.InitialVersionId is not null
        ? "Its head is kept where it knows the same classes. Images that the version was trained on flatter the figures: "
            + "keep them out of the validation and test parts."
        : StartsFrozen
            ? "The layers below the head stay as they are, at random: choose a version to start from, or train all layers."
            : Models.Any(m => m.Architecture == _draft.Architecture)
                ? "The network learns from nothing: more images and epochs are needed than from a version."
                : $"No version of {_draft.Architecture} is registered: the network learns from nothing.";

    // While it is typed; the run's start checks everything.
    string? RateRefusal => _draft switch
    {
        { MinRate: not > 0 } => "The lowest rate must be a number above 0, such as 1e-4.",
        _ when !(_draft.MaxRate >= _draft.MinRate && double.IsFinite(_draft.MaxRate)) =>
            "The highest rate must be a number, and not below the lowest.",
        _ when _draft.MaxRate >= TrainingConfiguration.RateLimit(_draft.Optimizer) =>
            $"With {_draft.Optimizer} the highest rate must be below {TrainingConfiguration.RateLimit(_draft.Optimizer)}.",
        _ => null,
    };

    protected override Task OnInitializedAsync()
    {
        _draft.DataSetVersionId = Versions.Count > 0 ? Versions[0].Id : null;
        ChangeNetwork();
        return DescribeAsync();
    }

    async Task DescribeAsync()
    {
        var asked = _draft.DataSetVersionId;
        var division = asked is { } id ? await describe.RunAsync(id, (await Authentication).User.ToActor(), _gone.Token) : null;
        if (asked == _draft.DataSetVersionId)
        {
            _division = division;
        }
    }

    static string Words(DivisionView division) =>
        $"Divided by {(division.IsByImage ? "image, so that one patient may stand on both sides" : "patient")}, seed {division.Seed}: "
        + (division.Folds is { } folds
            ? $"{folds} folds."
            : $"{division.Training:N0} training, {division.Validation:N0} validation, {division.Test:N0} test images."
                + (division.Test == 0 ? " Without a test part the figures are those of the images that choose the best epoch." : ""));

    void ChangeNetwork()
    {
        _draft.StartsFromImageNet &= HasImageNet;
        _draft.InitialVersionId = _draft.StartsFromImageNet
            ? null
            : Models.FirstOrDefault(m => m.IsActive && m.Architecture == _draft.Architecture)?.Id;
        ForgetPreview();
    }

    void Choose(TrainingPreset preset)
    {
        var (version, positive, plan) = (_draft.DataSetVersionId, _draft.PositiveClass, _draft.Plan);
        (_preset, _draft) = (preset, preset.Draft());
        (_draft.DataSetVersionId, _draft.PositiveClass, _draft.Plan) = (version, positive, plan);
        ChangeNetwork();
    }

    // What was written stays for whoever ticks the box again.
    void Plan(bool isPlanned)
    {
        _plan = _draft.Plan ?? _plan;
        _draft.Plan = isPlanned ? _plan : null;
    }

    void ForgetPreview() => (_rates, _momenta) = ([], []);

    async Task PreviewAsync()
    {
        _isBusy = true;
        (var courses, _refusal) = await PreviewSchedule.RunAsync(_draft.Configuration, CancellationToken.None);
        _rates = [.. courses.Select(c => Series(c.Stage, c.Rates))];
        _momenta = [.. courses.Select(c => Series(c.Stage, c.Momenta))];
        _isBusy = false;
    }

    static ChartSeries Series(string stage, IReadOnlyList<double> values) =>
        new(stage, [.. values.Select((v, i) => new ChartPoint(i * 100.0 / (values.Count - 1), v))]);

    async Task StartAsync()
    {
        if (await QueueAsync(RunKind.Training) is { } run)
        {
            await OnStarted.InvokeAsync(run);
        }
    }

    async Task<Guid?> QueueAsync(RunKind kind)
    {
        _isBusy = true;
        try
        {
            var result = await start.RunAsync(_draft, kind, (await Authentication).User.ToActor(), CancellationToken.None);
            _refusal = (result as StartTrainingRunResult.Refused)?.Message;
            return (result as StartTrainingRunResult.Started)?.RunId;
        }
        finally
        {
            _isBusy = false;
        }
    }

    async Task TestRangeAsync()
    {
        if (await QueueAsync(RunKind.RangeTest) is { } run)
        {
            (_rangeTest, _picked) = (new(run), null);
            DrawCurve();
            _ = FollowTestAsync(_rangeTest);
        }
    }

    async Task FollowTestAsync(RangeTestProgress test)
    {
        var actor = (await Authentication).User.ToActor();
        try
        {
            for (; test.IsRunning; await Task.Delay(Glance, _gone.Token))
            {
                if (await watch.RunAsync(test.RunId, test.From, actor, _gone.Token) is { } seen && test.Add(seen))
                {
                    DrawCurve();
                    await InvokeAsync(StateHasChanged);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The page is left; the test goes on, and its run's page shows it.
        }
    }

    async Task StopTestAsync() =>
        await control.RunAsync(_rangeTest!.RunId, RunRequest.Cancel, (await Authentication).User.ToActor(), CancellationToken.None);

    // With the range that the form has, so that a click is seen where it fell.
    void DrawCurve()
    {
        if (_rangeTest is { } test)
        {
            _curve = test.Top is { } top
                ? [.. test.Curve, Mark("amin", _draft.MinRate, top), Mark("amax", _draft.MaxRate, top)]
                : test.Curve;
        }
    }

    static ChartSeries Mark(string name, double rate, double top) => new(name, [new(rate, 0), new(rate, top)]);

    // The first click is one end of the range, the second the other.
    void Pick(double rate)
    {
        var rounded = double.Parse(rate.ToString("E1", Invariant), Invariant);
        if (_picked is { } first)
        {
            Take(Math.Min(first, rounded), Math.Max(first, rounded));
            _picked = null;
        }
        else
        {
            (_picked, _draft.MinRate) = (rounded, rounded);
        }

        DrawCurve();
        ForgetPreview();
    }

    void Take(double low, double high)
    {
        (_draft.MinRate, _draft.MaxRate) = (
            double.Parse(low.ToString("E1", Invariant), Invariant), double.Parse(high.ToString("E1", Invariant), Invariant));
        DrawCurve();
        ForgetPreview();
    }

    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        _gone.Dispose();
    }
}
