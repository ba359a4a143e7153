using CovidCxr.Learning.Optimization;

namespace CovidCxr.Engine.Training.Callbacks;

/// <summary>Raises the rate of all layers from step to step and notes the loss, in place of the schedule.</summary>
/// <param name="iterations">How many steps the whole range takes, at least 2.</param>
public sealed class RangeTestCallback(RangeTestCurve curve, int iterations) : TrainingCallback
{
    int _done;

    public override void StepStarting(TrainingState state) =>
        Array.Fill(state.Layers, (RangeTestCurve.RateAt(_done, iterations), state.Options.Schedule.MaxMomentum));

    public override void StepDone(TrainingState state)
    {
        var goesOn = curve.Add(state.Layers[0].Rate, state.Loss);
        if (++_done == iterations || !goesOn)
        {
            state.StopReason = "The range test is done.";
        }
    }
}
