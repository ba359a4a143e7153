using CovidCxr.Learning.Optimization;

namespace CovidCxr.Learning.Training.Callbacks;

/// <summary>Sets rate and momentum of every layer before every step.</summary>
public sealed class ScheduleCallback : TrainingCallback
{
    public override void StepStarting(TrainingState state)
    {
        var runIterations = (long)state.Options.Epochs * state.StepsPerEpoch;
        for (var layer = 0; layer < state.Layers.Length; layer++)
        {
            state.Layers[layer] = Schedule.At(state.Options.Schedule, layer, state.Layers.Length, state.Iteration, state.StepsPerEpoch, runIterations);
        }
    }
}
