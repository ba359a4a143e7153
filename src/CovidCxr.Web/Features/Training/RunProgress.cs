using CovidCxr.Application.Training;
using CovidCxr.Web.Shared.Charts;

namespace CovidCxr.Web.Features.Training;

/// <summary>The lines of a run gathered into what the page shows. An epoch repeated after a crash replaces the one before it.</summary>
sealed class RunProgress
{
    readonly SortedDictionary<int, TrainingProgress.Epoch> _epochs = [];
    readonly SortedDictionary<double, TrainingProgress.Step> _steps = [];
    (DateTimeOffset At, TrainingProgress.Step Step)? _previous;

    public TrainingProgress.Step? Last { get; private set; }

    public double ImagesPerSecond { get; private set; }

    public TimeSpan? TimeLeft { get; private set; }

    public List<RunLine> Notes { get; } = [];

    public IReadOnlyCollection<TrainingProgress.Epoch> Epochs => _epochs.Values;

    public int? BestEpoch => _epochs.Count == 0 ? null : _epochs.Values.MinBy(e => e.ValidationLoss)!.Number;

    public IReadOnlyList<ChartSeries> Losses { get; private set; } = [];

    public IReadOnlyList<ChartSeries> Metrics { get; private set; } = [];

    public IReadOnlyList<ChartSeries> Rates { get; private set; } = [];

    public IReadOnlyList<ChartSeries> Momenta { get; private set; } = [];

    public void Add(IReadOnlyList<RunLine> lines)
    {
        foreach (var line in lines)
        {
            if (line.Note is not null)
            {
                Notes.Add(line);
            }

            if (line.Epoch is { } epoch)
            {
                _epochs[epoch.Number] = epoch;
            }

            if (line.Step is { } step)
            {
                Measure(line.At, step);
                _steps[Place(step)] = step;
                Last = step;
            }
        }

        if (lines.Any(l => l.Epoch is not null || l.Step is not null))
        {
            Draw();
        }
    }

    // In epochs: 1.5 is the middle of the second.
    static double Place(TrainingProgress.Step step) => step.Number - 1 + ((double)step.StepInEpoch / step.Steps);

    void Measure(DateTimeOffset at, TrainingProgress.Step step)
    {
        if (_previous is { } before && before.Step.Number == step.Number && step.StepInEpoch > before.Step.StepInEpoch)
        {
            var perStep = (at - before.At) / (step.StepInEpoch - before.Step.StepInEpoch);
            // Smoothed, because a line comes every quarter of a second.
            ImagesPerSecond = ImagesPerSecond == 0 ? step.BatchSize / perStep.TotalSeconds : (0.9 * ImagesPerSecond) + (0.1 * step.BatchSize / perStep.TotalSeconds);
            var stepsLeft = ((step.Epochs - step.Number) * step.Steps) + step.Steps - step.StepInEpoch;
            TimeLeft = TimeSpan.FromSeconds(stepsLeft * step.BatchSize / ImagesPerSecond);
        }

        _previous = (at, step);
    }

    void Draw()
    {
        Losses =
        [
            new("training, each step", [.. _steps.Select(s => new ChartPoint(s.Key, s.Value.Loss))]),
            Epoch("training", e => e.TrainLoss), Epoch("validation", e => e.ValidationLoss),
        ];
        Metrics = [Epoch("accuracy", e => e.ValidationAccuracy), Epoch("sensitivity", e => e.Sensitivity), Epoch("specificity", e => e.Specificity), Epoch("AUC", e => e.Area)];
        Rates = Stages(r => r.Rate);
        Momenta = Stages(r => r.Momentum);
    }

    ChartSeries Epoch(string name, Func<TrainingProgress.Epoch, double?> value) => new(name, [.. _epochs.Values.Select(e => new ChartPoint(e.Number, value(e)))]);

    List<ChartSeries> Stages(Func<StageRate, double> value) => Last is not { } last
        ? []
        : [.. last.Stages.Select((stage, i) => new ChartSeries(stage.Stage, [.. _steps.Select(s => new ChartPoint(s.Key, value(s.Value.Stages[i])))]))];
}
