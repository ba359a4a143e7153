using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Optimization;

/// <summary>One parameter in training: the tensor that the network computes with, and its float32 master.</summary>
/// <param name="Name">As in the state dict.</param>
/// <param name="Layer">Index of its layer in forward order.</param>
/// <param name="Working">In the network; may be of half precision.</param>
/// <param name="Master">Float32; the same tensor as Working where that is float32.</param>
/// <param name="IsNormOrBias">Not decayed by default.</param>
public sealed record TrainedParameter(string Name, int Layer, Parameter Working, Tensor Master, bool IsNormOrBias)
{
    /// <summary>Whether a half-precision copy must follow the master.</summary>
    public bool HasCopy => !ReferenceEquals(Working, Master);
}
