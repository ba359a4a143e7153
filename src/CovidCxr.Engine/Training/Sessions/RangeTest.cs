using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Training.Callbacks;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Optimization;
using CovidCxr.Learning.Training;

namespace CovidCxr.Engine.Training.Sessions;

/// <summary>
/// Finds the range of rates in which a network learns (Adedigba et al. 2021, Fig. 7): a trial with a growing rate, over as many epochs
/// as it takes.
/// </summary>
public static class RangeTest
{
    /// <summary>Runs on the caller's thread. The network is afterwards as before, bit for bit, also where the test throws.</summary>
    /// <param name="iterations">Steps for the whole range, at least 2.</param>
    /// <param name="step">Told after every step, with the curve so far.</param>
    /// <returns>The curve as far as it was measured, also when cancelled.</returns>
    public static RangeTestCurve Run(
        Backbone network, TrainingConfiguration options, DataSet data, PreprocessingPreset preset, int iterations,
        Action<TrainingState, RangeTestCurve> step, CancellationToken cancellation)
    {
        var curve = new RangeTestCurve();
        using var snapshot = new NetworkSnapshot(network);
        // As many epochs as the iterations may need: the callback ends the run, not this number.
        var state = TrainingState.Create(options with { Epochs = int.MaxValue }, data, network);
        try
        {
            new Trainer(
                state, preset,
                [new UnfreezingCallback(), new RangeTestCallback(curve, iterations), new ProgressCallback(s => step(s, curve), _ => { })])
                .Run(cancellation);
        }
        finally
        {
            state.Release();
            snapshot.Restore();
        }

        return curve;
    }
}
