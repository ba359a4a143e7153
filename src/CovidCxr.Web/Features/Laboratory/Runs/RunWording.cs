using CovidCxr.Domain.Runs;

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
        _ => "",
    };

    /// <summary>A value of the configuration as the form offers it.</summary>
    public static string Option(string name) => name switch
    {
        "Sgd" => "SGD with momentum",
        "L2" => "L2, in the gradient",
        "Decoupled" => "decoupled",
        "WithRate" => "with the rate",
        "Inverse" => "against the rate",
        "Layer" => "every layer",
        "Stage" => "stem, stages, head",
        "All" => "all",
        "HeadOnly" => "the head only",
        "Gradual" => "gradually, head first",
        "Triangle" => "triangle",
        "Cosine" => "cosine",
        "Constant" => "constant rate",
        "Epoch" => "one per epoch",
        "Run" => "one over the run",
        "None" => "as they are",
        "Oversample" => "repeat the rare",
        "Undersample" => "fewer of the frequent",
        "Weighted" => "weight the loss",
        _ => name,
    };

    public static string Words(this RunRequest request) => request switch
    {
        RunRequest.Pause => "pausing after this step",
        RunRequest.StopAndKeepBest => "stopping; then the best epoch is measured",
        RunRequest.Cancel => "cancelling",
        _ => "",
    };
}
