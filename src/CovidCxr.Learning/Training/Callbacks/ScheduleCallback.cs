using CovidCxr.Learning.Optimization;

namespace CovidCxr.Learning.Training.Callbacks;

/// <summary>Sets rate and momentum of every layer before every step.</summary>
public sealed class ScheduleCallback : TrainingCallback
{
    int[] groups = [];

    public override void RunStarting(TrainingState state) =>
        groups = Schedule.Groups(state.Network.Layers.Select(l => l.Stage), state.Options.Schedule.Grouping);

    public override void StepStarting(TrainingState state)
    {
        var runIterations = (long)state.Options.Epochs * state.StepsPerEpoch;
        for (var layer = 0; layer < state.Layers.Length; layer++)
        {
            state.Layers[layer] = Schedule.At(state.Options.Schedule, groups[layer], groups[^1] + 1, state.Iteration, state.StepsPerEpoch, runIterations);
        }
    }
}
