using static TorchSharp.torch;

namespace CovidCxr.Learning.Optimization;

public enum WeightDecayKind
{
    /// <summary>lambda w joins the gradient: the objective of eq. (3).</summary>
    L2,

    /// <summary>w shrinks by rate * lambda, beside the gradient (Loshchilov and Hutter 2019).</summary>
    Decoupled,
}

/// <summary>
/// Updates float32 masters from float32 gradients, each with the rate and momentum of its layer at this iteration. Owns one or two
/// moment tensors per parameter.
/// </summary>
/// <param name="weightDecay">lambda, at least 0.</param>
/// <param name="decaysNormsAndBiases">False by default.</param>
public abstract class Optimizer(double weightDecay, WeightDecayKind kind, bool decaysNormsAndBiases) : IDisposable
{
    /// <summary>The moments of every parameter updated so far, by "parameter/moment".</summary>
    public Dictionary<string, Tensor> Moments { get; } = new(StringComparer.Ordinal);

    /// <summary>Plain numbers of the state, by name.</summary>
    public Dictionary<string, double> Scalars { get; } = new(StringComparer.Ordinal);

    /// <param name="gradient">Float32, of the parameter's shape; may be overwritten.</param>
    public void Update(TrainedParameter parameter, Tensor gradient, double rate, double momentum)
    {
        var decay = parameter.IsNormOrBias && !decaysNormsAndBiases ? 0 : weightDecay;
        if (decay > 0 && kind == WeightDecayKind.L2)
        {
            gradient = gradient.PlusScaled(parameter.Master, decay);
        }
        else if (decay > 0)
        {
            parameter.Master.ScaleBy(1 - (rate * decay));
        }

        Apply(parameter, gradient, rate, momentum);
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

    protected abstract void Apply(TrainedParameter parameter, Tensor gradient, double rate, double momentum);

    /// <summary>A moment of the parameter, zero at first.</summary>
    protected Tensor Moment(TrainedParameter parameter, string moment)
    {
        var key = $"{parameter.Name}/{moment}";
        if (!Moments.TryGetValue(key, out var tensor))
        {
            Moments[key] = tensor = zeros_like(parameter.Master).detach().DetachFromDisposeScope();
        }

        return tensor;
    }
}
