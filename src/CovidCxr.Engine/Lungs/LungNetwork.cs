using CovidCxr.Engine.Backbones;
using CovidCxr.Learning.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CovidCxr.Engine.Lungs;

/// <summary>
/// A U-Net (Ronneberger et al. 2015) for the lungs of a film: (N, 1, H, W) to logits (N, 1, H/2, W/2), H and W multiples of 16.
/// Every convolution has a batch norm; growing repeats each value in place of an upward convolution.
/// </summary>
public sealed class LungNetwork : Module<Tensor, Tensor>
{
    readonly DoubleConv[] _down, _up;
    readonly Conv2d _stem, _head;
    readonly Norm2d _bn;

    /// <param name="seed">Of the random start.</param>
    public LungNetwork(long seed)
        : base(nameof(LungNetwork))
    {
        OneDnnCaches.Ensure();
        random.manual_seed(seed);
        var channels = LungFamily.Channels;
        register_module("stem", _stem = Conv2d(1, LungFamily.StemChannels, 3, stride: 2, padding: 1, bias: false));
        register_module("bn", _bn = new(LungFamily.StemChannels));
        _down = [.. channels.Select((c, i) => Add($"down{i}", i == 0 ? LungFamily.StemChannels : channels[i - 1], c))];
        _up = [.. channels.SkipLast(1).Select((c, i) => Add($"up{i}", channels[i + 1] + c, c))];
        register_module("head", _head = Conv2d(channels[0], 1, 1));
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var kept = new Tensor[_down.Length];
        var x = _bn.call(_stem.call(input)).relu_();
        for (var i = 0; i < _down.Length; i++)
        {
            kept[i] = x = _down[i].call(i == 0 ? x : functional.max_pool2d(x, 2, stride: 2));
        }

        for (var i = _up.Length - 1; i >= 0; i--)
        {
            x = _up[i].call(cat([functional.interpolate(x, scale_factor: [2, 2], mode: InterpolationMode.Nearest), kept[i]], 1));
        }

        return _head.call(x).MoveToOuterDisposeScope();
    }

    DoubleConv Add(string name, long channels, long planes)
    {
        var block = new DoubleConv(channels, planes);
        register_module(name, block);
        return block;
    }

    sealed class DoubleConv : Module<Tensor, Tensor>
    {
        readonly Conv2d _conv1, _conv2;
        readonly Norm2d _bn1, _bn2;

        public DoubleConv(long channels, long planes)
            : base(nameof(DoubleConv))
        {
            register_module("conv1", _conv1 = Conv2d(channels, planes, 3, padding: 1, bias: false));
            register_module("bn1", _bn1 = new(planes));
            register_module("conv2", _conv2 = Conv2d(planes, planes, 3, padding: 1, bias: false));
            register_module("bn2", _bn2 = new(planes));
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = _bn1.call(_conv1.call(input)).relu_();
            return _bn2.call(_conv2.call(x)).relu_().MoveToOuterDisposeScope();
        }
    }
}
