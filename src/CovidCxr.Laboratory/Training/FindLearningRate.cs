using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Lungs;
using CovidCxr.Engine.Training;
using CovidCxr.Engine.Training.Sessions;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Optimization;
using CovidCxr.Learning.Training;

namespace CovidCxr.Laboratory.Training;

/// <summary>Runs the range test of a configuration and says which rates it suggests.</summary>
public static class FindLearningRate
{
    public static Task<FindLearningRateResult> RunAsync(
        FindLearningRateRequest request, Action<string> note, Action<RangeTestPoint>? point, CancellationToken cancellation) =>
        TrainingWork.RunAsync<FindLearningRateResult>(
            () => Run(request, TrainingConfiguration.FromJson(File.ReadAllText(request.ConfigurationPath)), note, point, cancellation),
            message => new FindLearningRateResult.Refused(message), "Interrupted before the first step.", cancellation);

    static FindLearningRateResult.Measured Run(
        FindLearningRateRequest request, TrainingConfiguration options, Action<string> note, Action<RangeTestPoint>? point,
        CancellationToken cancellation)
    {
        var preset = options.Preset;
        var data = DataSet.Load(
            options.Data, request.DataFolder, options.Classes, preset, options.Seed, null, cancellation, LungFinder.For(preset));
        data.LeftOut.Select(l => $"Left out: {l}").Concat(data.Remarks).ToList().ForEach(note);
        using var network = BackboneCatalog.Create(options.Architecture, options.Classes.Count, options.Seed);
        // The network that a run of this configuration trains, not another one.
        InitialWeights.Load(network, options, note);
        void Step(TrainingState state, RangeTestCurve seen)
        {
            note($"step {seen.Points.Count}, rate {state.Layers[0].Rate:E2}, loss {state.Loss:F4}");
            if (seen.Points.Count > 0)
            {
                point?.Invoke(seen.Points[^1]);
            }
        }

        var curve = RangeTest.Run(network, options, data, preset, request.Iterations ?? options.RangeTestSteps, Step, cancellation);
        var (range, reason) = curve.Suggest();
        return new(curve.Points, range, reason);
    }
}

/// <param name="ConfigurationPath">The run's JSON.</param>
/// <param name="DataFolder">Where its sources' paths start.</param>
/// <param name="Iterations">Steps for the whole range, at least 2; null for as many as the configuration says.</param>
public sealed record FindLearningRateRequest(string ConfigurationPath, string DataFolder, int? Iterations);

public abstract record FindLearningRateResult
{
    private FindLearningRateResult()
    {
    }

    /// <param name="Suggestion">Null where the curve does not show one.</param>
    /// <param name="Reason">Why there is none, as a sentence.</param>
    public sealed record Measured(IReadOnlyList<RangeTestPoint> Curve, RateRange? Suggestion, string Reason) : FindLearningRateResult;

    public sealed record Refused(string Message) : FindLearningRateResult;
}
