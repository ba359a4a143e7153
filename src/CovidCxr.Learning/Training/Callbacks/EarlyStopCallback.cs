namespace CovidCxr.Learning.Training.Callbacks;

/// <summary>Ends the run when the validation loss has not improved for the configured number of epochs.</summary>
public sealed class EarlyStopCallback : TrainingCallback
{
    public override void EpochDone(TrainingState state)
    {
        if (state.Options.Patience is not { } patience)
        {
            return;
        }

        var best = state.History.MinBy(m => m.ValidationLoss)!;
        if (state.History[^1].Epoch - best.Epoch >= patience)
        {
            state.StopReason = $"No better validation loss for {patience} epochs; the best was epoch {best.Epoch}.";
        }
    }
}
