using CovidCxr.Learning.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CovidCxr.Engine.Backbones;

/// <summary>Densely connected networks (Huang et al. 2017) with bottlenecks and compression one half: DenseNet-BC, growth 32.</summary>
public sealed class DenseNet : Backbone
{
    const int StemChannels = 64;

    readonly Sequential _features;
    readonly Linear _classifier;

    /// <param name="shape">Of four blocks.</param>
    internal DenseNet(NetworkShape shape, int classes)
        : base(shape.Name)
    {
        var conv0 = Conv2d(3, StemChannels, 7, stride: 2, padding: 3, bias: false);
        var norm0 = new Norm2d(StemChannels);
        var children = new List<(string, Module<Tensor, Tensor>)>
        {
            ("conv0", conv0), ("norm0", norm0), ("relu0", ReLU(inplace: true)), ("pool0", MaxPool2d(3, stride: 2, padding: 1)),
        };
        AddLayer("features.conv0", "stem", conv0, norm0);

        long channels = StemChannels;
        for (var number = 1; number <= 4; number++)
        {
            var block = new DenseBlock(channels, shape.Blocks[number - 1]);
            channels = block.OutChannels;
            children.Add(($"denseblock{number}", block));
            AddLayers($"features.denseblock{number}", $"stage{number}", block);
            if (number < 4)
            {
                var transition = new Transition(channels);
                channels /= 2;
                children.Add(($"transition{number}", transition));
                AddLayer($"features.transition{number}.conv", $"stage{number}", transition.Norm, transition.Conv);
            }
        }

        var norm5 = new Norm2d(channels);
        children.Add(("norm5", norm5));
        AddLayer("features.norm5", "stage4", norm5);
        register_module("features", _features = Sequential(children));
        register_module(DenseNetFamily.Head, _classifier = Linear(channels, classes));
        AddLayer(DenseNetFamily.Head, "head", _classifier);
        Initialise();
    }

    public override Linear Head => _classifier;

    public override string HeadName => DenseNetFamily.Head;

    public override Tensor Features(Tensor images) => _features.call(images).relu_();

    void AddLayers(string name, string stage, DenseBlock block)
    {
        foreach (var (i, layer) in block.Layers.Index())
        {
            AddLayer($"{name}.denselayer{i + 1}.conv1", stage, layer.Norm1, layer.Conv1);
            AddLayer($"{name}.denselayer{i + 1}.conv2", stage, layer.Norm2, layer.Conv2);
        }
    }

    void Initialise()
    {
        foreach (var convolution in modules().OfType<Conv2d>())
        {
            init.kaiming_normal_(convolution.weight);
        }

        init.zeros_(_classifier.bias);
    }
}
