using CovidCxr.Domain.Training;

namespace CovidCxr.Web.Features.Training;

static class RunWording
{
    /// <summary>A sign and a word, so that colour says nothing alone.</summary>
    public static string Words(this RetrainingState state) => state switch
    {
        RetrainingState.Waiting => "○ waiting",
        RetrainingState.Running => "▶ running",
        RetrainingState.Paused => "‖ paused",
        RetrainingState.Done => "● done",
        RetrainingState.Failed => "✕ failed",
        _ => "– cancelled",
    };

    /// <summary>Before a run's name, where it is no plain training.</summary>
    public static string Words(this RetrainingKind kind) => kind switch
    {
        RetrainingKind.RangeTest => "Range test: ",
        RetrainingKind.CrossValidation => "Cross-validation: ",
        _ => "",
    };

    public static string Words(this RetrainingWish wish) => wish switch
    {
        RetrainingWish.Pause => "pausing after this step",
        RetrainingWish.StopAndKeepBest => "stopping; then the best epoch is measured",
        RetrainingWish.Cancel => "cancelling",
        _ => "",
    };
}
