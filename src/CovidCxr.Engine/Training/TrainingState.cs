using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Engine.Optimization;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Optimization;
using CovidCxr.Learning.Training;

namespace CovidCxr.Engine.Training;

/// <summary>What the loop and its callbacks share.</summary>
public sealed class TrainingState(
    TrainingConfiguration options, DataSet data, Backbone network, IReadOnlyList<TrainedParameter> parameters, Optimizer optimizer)
    : IDisposable
{
    /// <summary>
    /// The state at the start of a run. The network moves to the best device, its convolutions are prepared for the precision, and the
    /// state owns it from here on.
    /// </summary>
    public static TrainingState Create(TrainingConfiguration options, DataSet data, Backbone network)
    {
        Optimizer optimizer = options.Optimizer == OptimizerKind.Adam
            ? new Adam(options.WeightDecay, options.WeightDecayKind, options.DecaysNormsAndBiases)
            : new SgdVelocity(options.WeightDecay, options.WeightDecayKind, options.DecaysNormsAndBiases);
        network.MoveTo(ComputeDevice.Best);
        var parameters = MixedPrecision.Prepare(network, options.Precision);
        return new(options, data, network, parameters, optimizer)
        {
            Average = options.AverageDecay > 0 ? new(network, parameters, options.AverageDecay) : null,
        };
    }

    public TrainingConfiguration Options { get; } = options;

    public DataSet Data { get; } = data;

    public Backbone Network { get; } = network;

    public IReadOnlyList<TrainedParameter> Parameters { get; } = parameters;

    public Optimizer Optimizer { get; } = optimizer;

    /// <summary>What is validated and kept in place of the weights; null for the weights themselves.</summary>
    public AveragedWeights? Average { get; init; }

    public LossScaler Scaler { get; } = new(options.Precision == Precision.Float16);

    /// <summary>Rate and momentum of every layer at this iteration; the schedule writes them before each step.</summary>
    public (double Rate, double Momentum)[] Layers { get; } = new (double, double)[network.Layers.Count];

    /// <summary>Layers below this index are frozen.</summary>
    public int FirstTrainedLayer { get; set; }

    /// <summary>Of this run, from 0.</summary>
    public int Epoch { get; set; }

    /// <summary>Steps done in this epoch.</summary>
    public int StepInEpoch { get; set; }

    public int StepsPerEpoch { get; set; }

    /// <summary>Iterations done over the whole run.</summary>
    public long Iteration => ((long)Epoch * StepsPerEpoch) + StepInEpoch;

    /// <summary>What the last step lowered, with weights of classes and smoothing of labels: mean over its images.</summary>
    public double Loss { get; set; }

    /// <summary>The last step's cross-entropy without weights and smoothing, as the validation's: mean over its images.</summary>
    public double PlainLoss { get; set; }

    /// <summary>Summed over the steps of this epoch.</summary>
    public EpochSums Sums { get; set; } = new(0, 0, 0);

    public List<EpochMetrics> History { get; } = [];

    /// <summary>The best epoch whose weights stand in a file; null before the first.</summary>
    public int? KeptEpoch { get; set; }

    /// <summary>The best epoch so far, by the figure that the options name; null before the first.</summary>
    public EpochMetrics? Best => Options.BestEpoch.Of(History, m => m.ValidationLoss, m => m.Area);

    /// <summary>The weights that validation judges: the running mean where there is one.</summary>
    public IReadOnlyDictionary<string, StoredTensor> JudgedWeights()
    {
        var weights = Weights().ToDictionary(StringComparer.Ordinal);
        foreach (var (name, mean) in Average?.Save() ?? new Dictionary<string, StoredTensor>())
        {
            weights[name] = mean;
        }

        return weights;
    }

    /// <summary>The state dict in float32: masters in place of half copies.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Weights()
    {
        var weights = StateDict.Save(Network).ToDictionary(StringComparer.Ordinal);
        foreach (var parameter in Parameters.Where(p => p.HasCopy))
        {
            weights[parameter.Name] = StateDict.ToStored(parameter.Master);
        }

        return weights;
    }

    /// <summary>Set by a callback to end the run after this step or epoch; null while it goes on.</summary>
    public string? StopReason { get; set; }


    public void Dispose()
    {
        Release();
        Network.Dispose();
    }

    /// <summary>Disposes what the run added to the network and leaves the network to whoever made it.</summary>
    internal void Release()
    {
        Optimizer.Dispose();
        Average?.Dispose();
        foreach (var parameter in Parameters.Where(p => p.HasCopy))
        {
            parameter.Master.Dispose();
        }
    }
}

/// <summary>Training losses and hits summed over the images of the steps so far.</summary>
public sealed record EpochSums(double Loss, long Hits, long Images, double PlainLoss = 0);
