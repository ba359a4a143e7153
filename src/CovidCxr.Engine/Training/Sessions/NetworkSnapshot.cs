using CovidCxr.Engine.Backbones;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Training.Sessions;

/// <summary>
/// All that training changes about a network, copied: values with their layout, type and device, modes, and what asks for gradients.
/// </summary>
sealed class NetworkSnapshot : IDisposable
{
    readonly Backbone _network;
    readonly Dictionary<string, (Tensor Value, bool RequiresGrad)> _tensors;
    readonly bool _isTraining;
    readonly Device _device;
    readonly List<(nn.Module Module, bool IsTraining)> _modes;

    public NetworkSnapshot(Backbone network)
    {
        _network = network;
        using var frozen = no_grad();
        _tensors = network.state_dict()
            .ToDictionary(e => e.Key, e => (e.Value.detach().clone().DetachFromDisposeScope(), e.Value.requires_grad));
        _isTraining = network.training;
        _device = network.Device;
        _modes = [.. network.named_modules().Select(m => (m.module, m.module.training))];
    }

    public void Restore()
    {
        using var frozen = no_grad();
        _network.MoveTo(_device);
        // Convolutions may hold half copies by now: they get new parameters, everything else its old values.
        foreach (var (name, module) in _network.named_modules())
        {
            if (module is Conv2d convolution)
            {
                var (value, requiresGrad) = _tensors[name + ".weight"];
                convolution.weight = new Parameter(value.clone().DetachFromDisposeScope(), requiresGrad);
            }
        }

        foreach (var (name, target) in _network.state_dict())
        {
            target.copy_(_tensors[name].Value);
        }

        foreach (var (name, parameter) in _network.named_parameters())
        {
            parameter.requires_grad_(_tensors[name].RequiresGrad);
        }

        _network.zero_grad();
        _network.train(_isTraining);
        // Parents come before their children, whose own mode stands in the end.
        _modes.ForEach(m => m.Module.train(m.IsTraining));
    }

    public void Dispose()
    {
        foreach (var (value, _) in _tensors.Values)
        {
            value.Dispose();
        }
    }
}
