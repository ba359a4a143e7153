using CovidCxr.Engine.Training;

namespace CovidCxr.Engine.Tests.Training;

/// <summary>Looks at, or disturbs, a run at its steps.</summary>
sealed class StepProbe(Action<TrainingState>? done = null, Action<TrainingState>? starting = null) : TrainingCallback
{
    public override void StepStarting(TrainingState state) => starting?.Invoke(state);

    public override void StepDone(TrainingState state) => done?.Invoke(state);
}
