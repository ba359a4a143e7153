using CovidCxr.Learning.Training;

namespace CovidCxr.Engine.Training.Callbacks;

/// <summary>Tells whoever watches, after every step and every epoch.</summary>
public sealed class ProgressCallback(Action<TrainingState> step, Action<EpochMetrics> epoch) : TrainingCallback
{
    public override void StepDone(TrainingState state) => step(state);

    public override void EpochDone(TrainingState state) => epoch(state.History[^1]);
}
