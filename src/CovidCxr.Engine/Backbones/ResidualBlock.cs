using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CovidCxr.Engine.Backbones;

/// <summary>y = relu(F(x) + shortcut(x)); F is two 3x3 convolutions, or 1x1, 3x3, 1x1 with four times the channels out.</summary>
sealed class ResidualBlock : Module<Tensor, Tensor>
{
    readonly List<(Conv2d Conv, Norm2d Norm)> _body = [];
    readonly Sequential? _downsample;

    public ResidualBlock(long channels, long planes, int stride, bool isBottleneck)
        : base(nameof(ResidualBlock))
    {
        OutChannels = isBottleneck ? 4 * planes : planes;
        if (isBottleneck)
        {
            Add(Conv2d(channels, planes, 1, bias: false), planes);
            Add(Conv2d(planes, planes, 3, stride: stride, padding: 1, bias: false), planes);
            Add(Conv2d(planes, OutChannels, 1, bias: false), OutChannels);
        }
        else
        {
            Add(Conv2d(channels, planes, 3, stride: stride, padding: 1, bias: false), planes);
            Add(Conv2d(planes, planes, 3, padding: 1, bias: false), planes);
        }

        if (stride != 1 || channels != OutChannels)
        {
            var conv = Conv2d(channels, OutChannels, 1, stride: stride, bias: false);
            var norm = new Norm2d(OutChannels);
            register_module("downsample", _downsample = Sequential(("0", conv), ("1", norm)));
            Layers.Add(("downsample.0", [conv, norm]));
        }
    }

    public long OutChannels { get; }

    public List<(string Name, Module[] Modules)> Layers { get; } = [];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input;
        for (var i = 0; i < _body.Count; i++)
        {
            x = _body[i].Norm.call(_body[i].Conv.call(x));
            if (i < _body.Count - 1)
            {
                x = x.relu_();
            }
        }

        return x.AddInPlace(_downsample?.call(input) ?? input).relu_().MoveToOuterDisposeScope();
    }

    void Add(Conv2d conv, long planes)
    {
        var number = _body.Count + 1;
        var norm = new Norm2d(planes);
        register_module($"conv{number}", conv);
        register_module($"bn{number}", norm);
        _body.Add((conv, norm));
        Layers.Add(($"conv{number}", [conv, norm]));
    }
}
