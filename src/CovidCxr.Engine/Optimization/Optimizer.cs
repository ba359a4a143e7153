using CovidCxr.Learning.Optimization;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Optimization;

/// <summary>
/// Updates float32 masters from float32 gradients, each with the rate and momentum of its layer at this iteration. Owns one or two
/// moment tensors per parameter.
/// </summary>
/// <param name="weightDecay">lambda, at least 0.</param>
/// <param name="decaysNormsAndBiases">False by default.</param>
public abstract class Optimizer(double weightDecay, WeightDecayKind kind, bool decaysNormsAndBiases) : IDisposable
{
    // Several passes are made over a list: on the CPU what one list holds stays in its cache, on a GPU one list holds all.
    const long CachedValues = 1 << 18;

    /// <summary>The moments of every parameter updated so far, by "parameter/moment".</summary>
    public Dictionary<string, Tensor> Moments { get; } = new(StringComparer.Ordinal);

    /// <summary>Plain numbers of the state, by name.</summary>
    public Dictionary<string, double> Scalars { get; } = new(StringComparer.Ordinal);

    /// <param name="gradients">One for each parameter: float32, of its shape; may be overwritten.</param>
    /// <param name="layers">Rate and momentum by layer.</param>
    public void Update(
        IReadOnlyList<TrainedParameter> parameters, IReadOnlyList<Tensor> gradients, IReadOnlyList<(double Rate, double Momentum)> layers)
    {
        using var scope = NewDisposeScope();
        for (var start = 0; start < parameters.Count;)
        {
            var end = start + 1;
            for (var values = parameters[start].Master.numel(); end < parameters.Count; end++)
            {
                values += parameters[end].Master.numel();
                if (values > CachedValues && parameters[start].Master.device_type == TorchSharp.DeviceType.CPU)
                {
                    break;
                }
            }

            var members = Enumerable.Range(start, end - start).ToList();
            Update(new(
                [.. members.Select(i => parameters[i])], [.. members.Select(i => parameters[i].Master)],
                [.. members.Select(i => gradients[i])],
                [.. members.Select(i => layers[parameters[i].Layer].Rate)],
                [.. members.Select(i => layers[parameters[i].Layer].Momentum)]));
            start = end;
        }
    }

    public void Dispose()
    {
        foreach (var moment in Moments.Values)
        {
            moment.Dispose();
        }

        Moments.Clear();
        GC.SuppressFinalize(this);
    }

    /// <summary>Parameters updated together; all lists are of one length.</summary>
    protected sealed record Group(TrainedParameter[] Parameters, Tensor[] Masters, Tensor[] Gradients, double[] Rates, double[] Momenta);

    protected abstract void Apply(Group group);

    /// <summary>A moment of each parameter, zero at first.</summary>
    protected Tensor[] MomentsOf(Group group, string moment) => Array.ConvertAll(group.Parameters, parameter =>
    {
        var key = $"{parameter.Name}/{moment}";
        if (!Moments.TryGetValue(key, out var tensor))
        {
            Moments[key] = tensor = zeros_like(parameter.Master).detach().DetachFromDisposeScope();
        }

        return tensor;
    });

    void Update(Group group)
    {
        if (weightDecay > 0)
        {
            var decays = Array.ConvertAll(group.Parameters, p => p.IsNormOrBias && !decaysNormsAndBiases ? 0 : weightDecay);
            if (kind == WeightDecayKind.L2)
            {
                TensorLists.AddScaled(group.Gradients, group.Masters, decays);
            }
            else
            {
                TensorLists.Scale(group.Masters, [.. decays.Zip(group.Rates, (decay, rate) => 1 - (rate * decay))]);
            }
        }

        Apply(group);
    }
}
