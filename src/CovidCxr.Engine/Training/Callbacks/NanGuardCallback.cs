namespace CovidCxr.Engine.Training.Callbacks;

/// <summary>
/// Ends the run when the loss is no number: the weights are lost from there on, and the last good checkpoint is what counts.
/// </summary>
public sealed class NanGuardCallback : TrainingCallback
{
    public override void StepDone(TrainingState state)
    {
        if (!double.IsFinite(state.Loss))
        {
            state.StopReason = $"The loss became {state.Loss} in epoch {state.Epoch + 1}, step {state.StepInEpoch}. Lower the rate "
                + $"(schedule.maxRate) and start from the best checkpoint.";
        }
    }
}
