using CovidCxr.Domain.Runs;
using CovidCxr.Laboratory.Runs;
using CovidCxr.Learning.Optimization;
using CovidCxr.Web.Shared.Charts;

namespace CovidCxr.Web.Features.Laboratory.Runs;

/// <summary>A range test as far as it was watched.</summary>
sealed class RangeTestProgress(Guid runId)
{
    /// <summary>Of the chart's vertical axis.</summary>
    public const string Axis = "loss, without its burst at the end";

    // At the end the loss bursts, a hundred times as high as what is looked for.
    const double TopOfBest = 2, TopOfFirst = 1.1;

    // Told again after a restart: the newest of a rate counts.
    readonly SortedDictionary<double, RangeTestPoint> _points = [];

    public Guid RunId => runId;

    public long From { get; private set; }

    public bool IsRunning { get; private set; } = true;

    public string Words { get; private set; } = "The range test waits for its turn.";

    public RateRange? Suggestion { get; private set; }

    public IReadOnlyList<ChartSeries> Curve { get; private set; } = [];

    /// <summary>Losses above are not drawn; null before the first.</summary>
    public double? Top =>
        _points.Values.Select(p => p.SmoothedLoss).Where(double.IsFinite).ToList() is { Count: > 0 } losses
            ? Math.Max(TopOfBest * losses.Min(), TopOfFirst * losses[0])
            : null;

    /// <returns>Whether anything is new.</returns>
    public bool Add(WatchTrainingRunResult seen)
    {
        var before = Words;
        From = seen.Next;
        foreach (var line in seen.Lines)
        {
            Suggestion = line.Suggestion ?? Suggestion;
            if (line.Rate is { } point)
            {
                _points[point.Rate] = point;
            }
        }

        IsRunning = seen.Run.State is RunState.Waiting or RunState.Running;
        Words = seen.Run.State switch
        {
            RunState.Waiting => "The range test waits for its turn.",
            RunState.Running =>
                _points.Count == 0 ? "Reading the images." : $"Step {_points.Count}: the rate grows from 1e-7 to 10.",
            RunState.Cancelled => "The range test was stopped.",
            _ => seen.Run.Message ?? "The range test has ended.",
        };
        if (seen.Lines.Any(l => l.Rate is not null))
        {
            Curve =
            [
                Drawn("smoothed", p => p.SmoothedLoss), Drawn("each step", p => p.Loss),
            ];
            return true;
        }

        return Words != before;
    }

    ChartSeries Drawn(string name, Func<RangeTestPoint, double> loss) =>
        new(name, [.. _points.Values.Select(p => new ChartPoint(p.Rate, loss(p) <= Top ? loss(p) : null))]);
}
