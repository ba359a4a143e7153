using CovidCxr.Learning.Checkpoints;

namespace CovidCxr.Engine.Training.Callbacks;

/// <summary>Keeps the weights of the best epoch, in a file that survives the run.</summary>
public sealed class BestModelCallback(string path) : TrainingCallback
{
    public override void EpochDone(TrainingState state)
    {
        if (state.Best == state.History[^1] && double.IsFinite(state.History[^1].ValidationLoss))
        {
            WeightsFile.Write(path, state.JudgedWeights());
            state.KeptEpoch = state.History[^1].Epoch;
        }
    }
}
