using CovidCxr.Laboratory.Runs;
using CovidCxr.Laboratory.Training;
using CovidCxr.Learning.Training;
using CovidCxr.Web.Shared.Charts;

namespace CovidCxr.Web.Features.Laboratory.Runs;

/// <summary>The lines of a run gathered into what the page shows. An epoch repeated after a crash replaces the one before it.</summary>
public sealed class RunProgress
{
    /// <summary>Steps that are kept: more than a chart draws, and few enough for a run of days.</summary>
    public const int MostSteps = 1200;

    // By fold, from 1; a run without folds has its epochs under 0.
    readonly SortedDictionary<int, SortedDictionary<int, TrainingProgress.Epoch>> _folds = [];
    readonly SortedDictionary<double, KeptStep> _steps = [];
    (DateTimeOffset At, TrainingProgress.Step Step)? _previous;
    int _every = 1, _seen;
    RunLine? _measured;

    sealed record KeptStep(TrainingProgress.Step Step, double ImagesPerSecond, RunLine? Measured);

    public TrainingProgress.Step? Last { get; private set; }

    /// <summary>In hand; null where the run has none.</summary>
    public TrainingProgress.Fold? Fold { get; private set; }

    public double ImagesPerSecond { get; private set; }

    /// <summary>Of the training process, resident; null before its first step.</summary>
    public double? MemoryMegabytes => _measured?.MemoryMegabytes;

    public TimeSpan? TimeLeft { get; private set; }

    public List<RunLine> Notes { get; } = [];

    /// <summary>Of the fold in hand.</summary>
    public IReadOnlyCollection<TrainingProgress.Epoch> Epochs => InHand.Values;

    /// <summary>By which figure the run chooses the epoch that it keeps.</summary>
    public BestEpoch Choice { get; set; }

    /// <summary>The one whose weights are kept, from 1; null before the first is done.</summary>
    public int? BestEpoch => Choice.Of(Epochs, e => e.ValidationLoss, e => e.Area)?.Number;

    /// <summary>Whether something else was lowered than what the validation measures: with weights of classes or smoothed labels.</summary>
    public bool IsOptimisedOtherwise => _folds.Values.Any(f => f.Values.Any(e => e.IsOptimisedOtherwise));

    public IReadOnlyList<ChartSeries> Losses { get; private set; } = [];

    public IReadOnlyList<ChartSeries> Metrics { get; private set; } = [];

    public IReadOnlyList<ChartSeries> Rates { get; private set; } = [];

    public IReadOnlyList<ChartSeries> Momenta { get; private set; } = [];

    public IReadOnlyList<ChartSeries> Speeds { get; private set; } = [];

    public IReadOnlyList<ChartSeries> Memory { get; private set; } = [];

    /// <summary>Of all processes; empty where nothing computes on a GPU.</summary>
    public IReadOnlyList<ChartSeries> GpuMemory { get; private set; } = [];

    /// <summary>Empty where nothing computes on a GPU.</summary>
    public IReadOnlyList<ChartSeries> GpuUtilisation { get; private set; } = [];

    /// <summary>Empty where the loss is not scaled.</summary>
    public IReadOnlyList<ChartSeries> LossScales { get; private set; } = [];

    SortedDictionary<int, TrainingProgress.Epoch> InHand =>
        _folds.TryGetValue(Fold?.Number ?? 0, out var epochs) ? epochs : _folds[Fold?.Number ?? 0] = [];

    public void Add(IReadOnlyList<RunLine> lines)
    {
        foreach (var line in lines)
        {
            Add(line);
        }

        if (lines.Any(l => l.Epoch is not null || l.Step is not null || l.Fold is not null))
        {
            Draw();
        }
    }

    void Add(RunLine line)
    {
        _measured = line.MemoryMegabytes is null ? _measured : line;
        if (line.Note is not null)
        {
            Notes.Add(line);
        }

        if (line.Fold is { } fold && fold != Fold)
        {
            // Its steps begin at 0 again.
            (Fold, _previous, _every) = (fold, null, 1);
            _steps.Clear();
        }

        if (line.Epoch is { } epoch)
        {
            InHand[epoch.Number] = epoch;
        }

        if (line.Step is { } step)
        {
            Measure(line.At, step);
            Keep(step);
            Last = step;
        }
    }

    // Every so many, evenly over the whole run; the newest is drawn whether it is kept or not.
    void Keep(TrainingProgress.Step step)
    {
        if (_seen++ % _every != 0)
        {
            return;
        }

        _steps[Place(step)] = Kept(step);
        if (_steps.Count > MostSteps)
        {
            _every *= 2;
            foreach (var place in _steps.Keys.Where((_, i) => i % 2 == 1).ToList())
            {
                _steps.Remove(place);
            }
        }
    }

    KeptStep Kept(TrainingProgress.Step step) => new(step, ImagesPerSecond, _measured);

    // In epochs: 1.5 is the middle of the second.
    static double Place(TrainingProgress.Step step) => step.Number - 1 + ((double)step.StepInEpoch / step.Steps);

    void Measure(DateTimeOffset at, TrainingProgress.Step step)
    {
        if (_previous is { } before && before.Step.Number == step.Number && step.StepInEpoch > before.Step.StepInEpoch)
        {
            var perStep = (at - before.At) / (step.StepInEpoch - before.Step.StepInEpoch);
            // Smoothed, because a line comes every quarter of a second.
            ImagesPerSecond = ImagesPerSecond == 0
                ? step.BatchSize / perStep.TotalSeconds
                : (0.9 * ImagesPerSecond) + (0.1 * step.BatchSize / perStep.TotalSeconds);
            var epochsLeft = step.Epochs - step.Number + ((Fold is { } fold ? fold.Folds - fold.Number : 0) * step.Epochs);
            TimeLeft = TimeSpan.FromSeconds(
                (((double)epochsLeft * step.Steps) + step.Steps - step.StepInEpoch) * step.BatchSize / ImagesPerSecond);
        }

        _previous = (at, step);
    }

    void Draw()
    {
        List<KeyValuePair<double, KeptStep>> steps = [.. _steps];
        if (Last is { } last && (steps.Count == 0 || Place(last) > steps[^1].Key))
        {
            steps.Add(new(Place(last), Kept(last)));
        }

        ChartSeries Steps(string name, Func<KeptStep, double?> value) =>
            new(name, [.. steps.Select(s => new ChartPoint(s.Key, value(s.Value)))]);
        Losses = Fold is null
            ? [
                Steps("training, each step", s => s.Step.PlainLoss),
                Epoch("training", e => e.PlainTrainLoss),
                Epoch("validation", e => e.ValidationLoss),
                .. IsOptimisedOtherwise ? [Epoch("training, as optimised", e => e.TrainLoss)] : Array.Empty<ChartSeries>(),
            ]
            : [.. _folds.Where(f => f.Value.Count > 0).Select(LossOf)];
        Metrics =
        [
            Epoch("accuracy", e => e.ValidationAccuracy),
            Epoch("sensitivity", e => e.Sensitivity),
            Epoch("specificity", e => e.Specificity),
            Epoch("AUC", e => e.Area),
        ];
        Rates = Stages((name, i) => Steps(name, s => s.Step.Stages[i].Rate));
        Momenta = Stages((name, i) => Steps(name, s => s.Step.Stages[i].Momentum));
        Speeds = [Steps("training", s => s.ImagesPerSecond > 0 ? s.ImagesPerSecond : null)];
        Memory = [Steps("resident", s => s.Measured?.MemoryMegabytes)];
        GpuMemory = steps.Exists(s => s.Value.Measured?.GpuMegabytes is not null) ? [Steps("in use", s => s.Measured?.GpuMegabytes)] : [];
        GpuUtilisation = GpuMemory.Count > 0 ? [Steps("busy", s => s.Measured?.GpuUtilisation)] : [];
        LossScales = steps.Exists(s => s.Value.Step.LossScale != 1) ? [Steps("loss scale", s => s.Step.LossScale)] : [];
    }

    static ChartSeries LossOf(KeyValuePair<int, SortedDictionary<int, TrainingProgress.Epoch>> fold) =>
        new($"fold {fold.Key}", [.. fold.Value.Values.Select(e => new ChartPoint(e.Number, e.ValidationLoss))]);

    ChartSeries Epoch(string name, Func<TrainingProgress.Epoch, double?> value) =>
        new(name, [.. Epochs.Select(e => new ChartPoint(e.Number, value(e)))]);

    List<ChartSeries> Stages(Func<string, int, ChartSeries> of) =>
        Last is not { } last ? [] : [.. last.Stages.Select((stage, i) => of(stage.Stage, i))];
}
