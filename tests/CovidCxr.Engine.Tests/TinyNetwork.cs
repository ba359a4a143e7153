using CovidCxr.Engine.Backbones;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CovidCxr.Engine.Tests;

/// <summary>Three convolutions with norms and a head, about 3,000 weights: every part of a backbone, in milliseconds.</summary>
class TinyNetwork : Backbone
{
    readonly List<(Conv2d Conv, Norm2d Norm)> _body = [];
    readonly Linear _fc;

    public TinyNetwork()
        : base("tiny")
    {
        long[] channels = [3, 8, 12, 16];
        for (var i = 0; i < 3; i++)
        {
            var conv = Conv2d(channels[i], channels[i + 1], 3, stride: 2, padding: 1, bias: false);
            var norm = new Norm2d(channels[i + 1]);
            register_module($"conv{i + 1}", conv);
            register_module($"bn{i + 1}", norm);
            _body.Add((conv, norm));
            AddLayer($"conv{i + 1}", i == 0 ? "stem" : $"stage{i}", conv, norm);
        }

        register_module("fc", _fc = Linear(channels[^1], 2));
        AddLayer("fc", "head", _fc);
    }

    public override Linear Head => _fc;

    public override string HeadName => "fc";

    public override Tensor Features(Tensor images)
    {
        foreach (var (conv, norm) in _body)
        {
            images = norm.forward(conv.forward(images)).relu_();
        }

        return images;
    }
}
