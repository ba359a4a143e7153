using CovidCxr.Learning.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CovidCxr.Engine.Backbones;

/// <summary>Deep residual networks (He et al. 2016), with torchvision's stride on the 3x3 convolution of a bottleneck.</summary>
public sealed class ResNet : Backbone
{
    readonly Conv2d _conv1;
    readonly Norm2d _bn1;
    readonly Sequential[] _stages;
    readonly Linear _fc;

    /// <param name="shape">Up to four stages; a bottleneck is a block of 1x1, 3x3, 1x1 (ResNet50 and deeper) in place of two 3x3.</param>
    internal ResNet(NetworkShape shape, int classes)
        : base(shape.Name)
    {
        register_module("conv1", _conv1 = Conv2d(3, 64, 7, stride: 2, padding: 3, bias: false));
        register_module("bn1", _bn1 = new Norm2d(64));
        AddLayer("conv1", "stem", _conv1, _bn1);

        long channels = 64;
        _stages = new Sequential[shape.Blocks.Count];
        for (var stage = 0; stage < _stages.Length; stage++)
        {
            var children = new List<(string, Module<Tensor, Tensor>)>();
            for (var i = 0; i < shape.Blocks[stage]; i++)
            {
                var block = new ResidualBlock(channels, 64L << stage, stage > 0 && i == 0 ? 2 : 1, shape.IsBottleneck);
                channels = block.OutChannels;
                children.Add(($"{i}", block));
                foreach (var (name, modules) in block.Layers)
                {
                    AddLayer($"layer{stage + 1}.{i}.{name}", $"stage{stage + 1}", modules);
                }
            }

            register_module($"layer{stage + 1}", _stages[stage] = Sequential(children));
        }

        register_module(ResNetFamily.Head, _fc = Linear(channels, classes));
        AddLayer(ResNetFamily.Head, "head", _fc);
        foreach (var convolution in modules().OfType<Conv2d>())
        {
            init.kaiming_normal_(convolution.weight, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU);
        }
    }

    public override Linear Head => _fc;

    public override string HeadName => ResNetFamily.Head;

    public override Tensor Features(Tensor images)
    {
        using var scope = NewDisposeScope();
        var x = _bn1.call(_conv1.call(images)).relu_();
        x = functional.max_pool2d(x, 3, stride: 2, padding: 1);
        foreach (var stage in _stages)
        {
            x = stage.call(x);
        }

        return x.MoveToOuterDisposeScope();
    }
}
