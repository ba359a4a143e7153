using CovidCxr.Domain.Runs;
using CovidCxr.Laboratory.Plans;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Optimization;
using CovidCxr.Learning.Training;

namespace CovidCxr.Web.Features.Laboratory.Runs;

static class RunWording
{
    /// <summary>A sign and a word, so that colour says nothing alone.</summary>
    public static string Words(this RunState state) => state switch
    {
        RunState.Waiting => "○ waiting",
        RunState.Running => "▶ running",
        RunState.Paused => "‖ paused",
        RunState.Done => "● done",
        RunState.Failed => "✕ failed",
        _ => "– cancelled",
    };

    /// <summary>Before a run's name, where it is no plain training.</summary>
    public static string Words(this RunKind kind) => kind switch
    {
        RunKind.RangeTest => "Range test: ",
        RunKind.CrossValidation => "Cross-validation: ",
        RunKind.Evaluation => "Evaluation: ",
        _ => "",
    };

    /// <summary>A value of the configuration as the form offers it.</summary>
    public static string Option(Enum value) => value switch
    {
        PlannedMetric.Area => "area under the ROC curve",
        OptimizerKind.Sgd => "SGD with momentum",
        WeightDecayKind.L2 => "L2, in the gradient",
        WeightDecayKind.Decoupled => "decoupled",
        MomentumMode.WithRate => "with the rate",
        MomentumMode.Inverse => "against the rate",
        LayerGrouping.Layer => "every layer",
        LayerGrouping.Stage => "stem, stages, head",
        UnfreezingMode.All => "all",
        UnfreezingMode.HeadOnly => "the head only",
        UnfreezingMode.Gradual => "gradually, head first",
        ScheduleShape.Triangle => "triangle",
        ScheduleShape.Cosine => "cosine",
        ScheduleShape.Constant => "constant rate",
        CycleLength.Epoch => "one per epoch",
        CycleLength.Run => "one over the run",
        Balance.None => "as they are",
        Balance.Oversample => "repeat the rare",
        Balance.Undersample => "fewer of the frequent",
        Balance.Weighted => "weight the loss",
        Balance.ClassAndSource => "every class and source alike",
        BestEpoch.LowestLoss => "of the lowest loss",
        BestEpoch.LargestArea => "of the largest AUC",
        _ => value.ToString(),
    };

    public static string Words(this RunRequest request) => request switch
    {
        RunRequest.Pause => "pausing after this step",
        RunRequest.StopAndKeepBest => "stopping; then the best epoch is measured",
        RunRequest.Cancel => "cancelling",
        _ => "",
    };
}
