namespace CovidCxr.Learning.Training.Callbacks;

/// <summary>Ends the run for good after the step in hand when a person asks for it; the best epoch so far is kept.</summary>
/// <param name="reason">Null as long as the run shall go on.</param>
public sealed class StopCallback(Func<string?> reason) : TrainingCallback
{
    public override void StepDone(TrainingState state) => state.StopReason ??= reason();
}
