using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Engine.Optimization;
using CovidCxr.Learning.Checkpoints;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Training;

/// <summary>
/// A running mean of a network's weights and batch statistics (Polyak and Juditsky 1992; with this decay as of Tarvainen and Valpola 2017).
/// Owns a copy of each.
/// </summary>
public sealed class AveragedWeights : IDisposable
{
    // The first steps would else count for as long as the decay remembers.
    const double WarmUp = 10;

    readonly double _decay;
    readonly string[] _names;
    readonly Tensor[] _live, _means;
    readonly TrainedParameter[] _copied;

    /// <param name="decay">0 to below 1: the share of itself that the mean keeps at each step.</param>
    public AveragedWeights(Backbone network, IReadOnlyList<TrainedParameter> parameters, double decay)
    {
        _decay = decay;
        _copied = [.. parameters.Where(p => p.HasCopy)];
        var masters = _copied.ToDictionary(p => p.Name, p => p.Master, StringComparer.Ordinal);
        var entries = network.state_dict().Where(e => e.Value.is_floating_point())
            .Select(e => (Name: e.Key, Live: masters.GetValueOrDefault(e.Key, e.Value))).ToList();
        using var frozen = no_grad();
        _names = [.. entries.Select(e => e.Name)];
        _live = [.. entries.Select(e => e.Live)];
        _means = Array.ConvertAll(_live, t => zeros_like(t).copy_(t).DetachFromDisposeScope());
    }

    /// <summary>Takes the weights of a step in.</summary>
    /// <param name="step">Of the run, from 0.</param>
    public void Add(long step)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var decay = Math.Min(_decay, (step + 1) / (step + WarmUp));
        TensorLists.Scale(_means, [.. _means.Select(_ => decay)]);
        TensorLists.AddScaled(_means, _live, [.. _means.Select(_ => 1 - decay)]);
    }

    /// <summary>Puts the means in the place of the weights until what is returned is disposed.</summary>
    public IDisposable InPlace()
    {
        Exchange();
        return new Back(this);
    }

    /// <summary>The means, by the names of the state dict.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Save() =>
        _names.Zip(_means).ToDictionary(m => m.First, m => StateDict.ToStored(m.Second), StringComparer.Ordinal);

    /// <summary>Takes means that <see cref="Save"/> gave.</summary>
    /// <exception cref="KeyNotFoundException">One is missing.</exception>
    public void Load(IReadOnlyDictionary<string, StoredTensor> means)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        for (var i = 0; i < _names.Length; i++)
        {
            _means[i].copy_(StateDict.FromStored(means[_names[i]]));
        }
    }

    public void Dispose() => Array.ForEach(_means, m => m.Dispose());

    void Exchange()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        for (var i = 0; i < _live.Length; i++)
        {
            var kept = _live[i].clone();
            _live[i].copy_(_means[i]);
            _means[i].copy_(kept);
        }

        foreach (var parameter in _copied)
        {
            parameter.Working.copy_(parameter.Master);
        }
    }

    sealed class Back(AveragedWeights average) : IDisposable
    {
        public void Dispose() => average.Exchange();
    }
}
