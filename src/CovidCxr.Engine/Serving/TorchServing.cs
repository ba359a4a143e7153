using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Learning.Checkpoints;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Serving;

/// <summary>TorchSharp on the GPU; on the CPU for comparison. Float32.</summary>
sealed class TorchServing : IServedNetwork
{
    readonly Backbone _network;

    TorchServing(Backbone network) => _network = network;

    /// <exception cref="ModelFileException">The weights are not those of the architecture.</exception>
    public static TorchServing Open(ModelFile file)
    {
        var network = file.ToNetwork();
        network.MoveTo(ComputeDevice.Best);
        return new(network);
    }

    public NetworkOutput Run(float[] images, int count, int height, int width)
    {
        // Both belong to the thread that calls, so they open and close here.
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        var features = _network.Features(tensor(images, [count, 3, height, width], device: _network.Device));
        var logits = _network.Classify(features);
        return new(
            Floats(logits), _network.Classes, Floats(features), (int)features.shape[1], (int)features.shape[2], (int)features.shape[3]);
    }

    public void Dispose() => _network.Dispose();

    static float[] Floats(Tensor values) => values.cpu().contiguous().data<float>().ToArray();
}
