using CovidCxr.Learning.Optimization;

namespace CovidCxr.Engine.Training.Callbacks;

/// <summary>Sets rate and momentum of every layer before every step.</summary>
public sealed class ScheduleCallback : TrainingCallback
{
    int[] _groups = [];

    public override void RunStarting(TrainingState state)
    {
        _groups = Schedule.Groups(state.Network.Layers.Select(l => l.Stage), state.Options.Schedule.Grouping);
        if (state.Iteration > 0)
        {
            // A run resumed after an epoch's last step reports the rate of that step.
            Apply(state, state.Iteration - 1);
        }
    }

    public override void StepStarting(TrainingState state) => Apply(state, state.Iteration);

    void Apply(TrainingState state, long iteration)
    {
        var runIterations = (long)state.Options.Epochs * state.StepsPerEpoch;
        for (var layer = 0; layer < state.Layers.Length; layer++)
        {
            state.Layers[layer] = Schedule.At(
                state.Options.Schedule, _groups[layer], _groups[^1] + 1, iteration, state.StepsPerEpoch, runIterations);
        }
    }
}
