using System.Data.Common;
using System.Globalization;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Runs;
using CovidCxr.Laboratory.Runs;
using CovidCxr.Laboratory.Training;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Training;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace CovidCxr.Web.Features.Laboratory.Runs;

/// <summary>One run as it goes: looked at once a second while it moves, so that a reload or a second browser sees the same.</summary>
public sealed partial class RunPage(
    WatchTrainingRun watch,
    ControlTrainingRun control,
    GetEvaluation getEvaluation,
    GetCrossValidation getCrossValidation,
    TimeProvider time) : ComponentBase, IAsyncDisposable
{
    static readonly TimeSpan Glance = TimeSpan.FromSeconds(1);

    readonly CancellationTokenSource _gone = new();
    readonly RunProgress _progress = new();
    TrainingRunView? _run;
    RunReport<EvaluationReport>? _evaluation;
    RunReport<CrossValidationReport>? _crossValidation;
    RangeTestProgress? _rangeTest;
    Actor? _actor;
    string? _error;
    long _from;
    bool _isLoaded, _isLooking, _hasReport;

    [Parameter]
    public Guid Id { get; set; }

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    protected override async Task OnInitializedAsync()
    {
        _actor = (await Authentication).User.ToActor();
        await LookAsync();
        _isLoaded = true;
        if (_run is not null)
        {
            _ = FollowAsync();
        }
    }

    Task FollowAsync() => Glances.FollowAsync(time, Glance, () => InvokeAsync(async () =>
    {
        if (await TryLookAsync())
        {
            StateHasChanged();
        }
    }), _gone.Token);

    /// <summary>One look at a time, or both would add the same lines. What cannot be read now is there at the next look.</summary>
    async Task<bool> TryLookAsync()
    {
        if (_isLooking)
        {
            return false;
        }

        _isLooking = true;
        try
        {
            return await LookAsync();
        }
        catch (Exception e) when (e is DbException or IOException)
        {
            return false;
        }
        finally
        {
            _isLooking = false;
        }
    }

    /// <returns>Whether anything is new.</returns>
    async Task<bool> LookAsync()
    {
        var before = _run;
        if (await watch.RunAsync(Id, _from, _actor!, _gone.Token) is not { } seen)
        {
            return false;
        }

        (_run, _from) = (seen.Run, seen.Next);
        _progress.Choice = TrainingConfiguration.BestEpochOf(seen.Run.Configuration);
        _progress.Add(seen.Lines);
        (_rangeTest ??= new(Id)).Add(seen);
        var isReported = seen.Run.State == RunState.Done && !_hasReport;
        if (isReported)
        {
            _evaluation = await getEvaluation.RunAsync(Id, _actor!, _gone.Token);
            _crossValidation = await getCrossValidation.RunAsync(Id, _actor!, _gone.Token);
            _hasReport = true;
        }

        return isReported || _run != before || seen.Lines.Count > 0;
    }

    bool May(RunRequest request) =>
        new TrainingRun
        {
            Name = "",
            Architecture = "",
            Configuration = "",
            StartedByName = "",
            Kind = _run!.Kind,
            State = _run.State,
            Request = _run.Request,
        }.MayBecome(request);

    async Task RequestAsync(RunRequest request)
    {
        _error = await control.RunAsync(Id, request, _actor!, CancellationToken.None);
        await TryLookAsync();
    }

    string Words(TrainingProgress.Step step)
    {
        string?[] parts =
        [
            _progress.Fold is { } fold ? $"fold {fold.Number} of {fold.Folds}" : null,
            $"epoch {step.Number}/{step.Epochs}",
            $"step {step.StepInEpoch}/{step.Steps}",
            $"loss {(step.PlainLoss ?? step.Loss).Fixed(4)}",
            $"{_progress.ImagesPerSecond.Fixed(1)} images/s",
            _progress.MemoryMegabytes is { } memory ? $"{memory.Fixed(0)} MB" : null,
            _run!.State == RunState.Running && _progress.TimeLeft is { } left ? $"{Words(left)} left" : null,
            step.SkippedSteps > 0 ? $"{step.SkippedSteps} steps skipped" : null,
        ];
        return string.Concat(parts.OfType<string>().Select(p => $" · {p}"));
    }

    static string Words(TimeSpan left) => left.TotalMinutes >= 90
        ? string.Create(CultureInfo.InvariantCulture, $"{left.TotalHours:F1} h")
        : left.TotalMinutes >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{left.TotalMinutes:F0} min") : "under a minute";

    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        _gone.Dispose();
    }
}
