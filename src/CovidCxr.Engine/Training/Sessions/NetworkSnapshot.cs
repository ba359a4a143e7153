using CovidCxr.Engine.Backbones;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Training.Sessions;

/// <summary>All that training changes about a network, copied: values with their layout, type and device, modes, and what asks for gradients.</summary>
sealed class NetworkSnapshot : IDisposable
{
    readonly Backbone network;
    readonly Dictionary<string, (Tensor Value, bool RequiresGrad)> tensors;
    readonly bool isTraining;
    readonly Device device;
    readonly List<(nn.Module Module, bool IsTraining)> modes;

    public NetworkSnapshot(Backbone network)
    {
        this.network = network;
        using var frozen = no_grad();
        tensors = network.state_dict().ToDictionary(e => e.Key, e => (e.Value.detach().clone().DetachFromDisposeScope(), e.Value.requires_grad));
        isTraining = network.training;
        device = network.Device;
        modes = [.. network.named_modules().Select(m => (m.module, m.module.training))];
    }

    public void Restore()
    {
        using var frozen = no_grad();
        network.MoveTo(device);
        // Convolutions may hold half copies by now: they get new parameters, everything else its old values.
        foreach (var (name, module) in network.named_modules())
        {
            if (module is Conv2d convolution)
            {
                var (value, requiresGrad) = tensors[name + ".weight"];
                convolution.weight = new Parameter(value.clone().DetachFromDisposeScope(), requiresGrad);
            }
        }

        foreach (var (name, target) in network.state_dict())
        {
            target.copy_(tensors[name].Value);
        }

        foreach (var (name, parameter) in network.named_parameters())
        {
            parameter.requires_grad_(tensors[name].RequiresGrad);
        }

        network.zero_grad();
        network.train(isTraining);
        // Parents come before their children, whose own mode stands in the end.
        modes.ForEach(m => m.Module.train(m.IsTraining));
    }

    public void Dispose()
    {
        foreach (var (value, _) in tensors.Values)
        {
            value.Dispose();
        }
    }
}
