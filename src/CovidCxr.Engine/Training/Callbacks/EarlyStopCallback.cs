using CovidCxr.Learning.Training;

namespace CovidCxr.Engine.Training.Callbacks;

/// <summary>Ends the run when no better epoch has come for the configured number of epochs.</summary>
public sealed class EarlyStopCallback : TrainingCallback
{
    // A run killed between its last checkpoint and its end must not train on when it is resumed.
    public override void RunStarting(TrainingState state) => EpochDone(state);

    public override void EpochDone(TrainingState state)
    {
        if (state.Options.Patience is not { } patience || state.History.Count == 0)
        {
            return;
        }

        var best = state.Best!;
        if (state.History[^1].Epoch - best.Epoch >= patience)
        {
            var figure = state.Options.BestEpoch == BestEpoch.LargestArea ? "AUC of the validation" : "validation loss";
            state.StopReason = $"No better {figure} for {patience} epochs; the best was epoch {best.Epoch}.";
        }
    }
}
