namespace CovidCxr.Engine.Training.Callbacks;

/// <summary>
/// Ends the run for good, before its first step or after the one in hand, when it is asked for; the best epoch so far is kept.
/// </summary>
/// <param name="reason">Null as long as the run shall go on.</param>
public sealed class StopCallback(Func<string?> reason) : TrainingCallback
{
    public override void RunStarting(TrainingState state) => StepDone(state);

    public override void StepDone(TrainingState state) => state.StopReason ??= reason();
}
