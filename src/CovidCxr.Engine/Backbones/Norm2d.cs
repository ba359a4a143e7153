using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Backbones;

/// <summary>
/// Batch norm over the channels of (N, C, H, W), with PyTorch's names, defaults and results. TorchSharp's own counts its batches with a
/// number that may be finalised while native code reads it (<see cref="KeptScalars"/>), and a training then dies of "Unknown scalar type".
/// </summary>
public sealed class Norm2d(long channels)
    : NormBase(channels, Epsilon, Momentum, affine: true, track_running_stats: true, device: null, dtype: null, nameof(Norm2d))
{
    const double Epsilon = 1e-5, Momentum = 0.1;

    public override Tensor forward(Tensor input)
    {
        if (training)
        {
            num_batches_tracked!.CountOne();
        }

        return nn.functional.batch_norm(input, running_mean, running_var, weight, bias, training, Momentum, Epsilon);
    }

    protected override void ValidateInputDimensions(Tensor input)
    {
        if (input.dim() != 4)
        {
            throw new ArgumentException("A batch norm of images takes four dimensions.", nameof(input));
        }
    }
}
