using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CovidCxr.Learning.Backbones;

/// <summary>Densely connected networks (Huang et al. 2017) with bottlenecks and compression one half: DenseNet-BC, growth 32.</summary>
public sealed class DenseNet : Backbone
{
    const int Growth = 32, BottleneckWidth = 4 * Growth, StemChannels = 64;

    readonly Conv2d conv0;
    readonly BatchNorm2d norm0, norm5;
    readonly List<List<DenseLayer>> blocks = [];
    readonly List<Transition> transitions = [];
    readonly Linear classifier;

    /// <param name="layersPerBlock">Four numbers: 6, 12, 24, 16 for DenseNet121; 6, 12, 32, 32 for DenseNet169.</param>
    internal DenseNet(string architecture, int[] layersPerBlock, int classes)
        : base(architecture)
    {
        var children = new List<(string, Module<Tensor, Tensor>)>
        {
            ("conv0", conv0 = Conv2d(3, StemChannels, 7, stride: 2, padding: 3, bias: false)),
            ("norm0", norm0 = BatchNorm2d(StemChannels)),
        };
        AddLayer("features.conv0", "stem", conv0, norm0);

        long channels = StemChannels;
        for (var block = 1; block <= 4; block++)
        {
            children.Add(($"denseblock{block}", Block(block, layersPerBlock[block - 1], ref channels)));
            if (block < 4)
            {
                var transition = new Transition(channels);
                channels /= 2;
                transitions.Add(transition);
                children.Add(($"transition{block}", transition));
                AddLayer($"features.transition{block}.conv", $"stage{block}", transition.Norm, transition.Conv);
            }
        }

        children.Add(("norm5", norm5 = BatchNorm2d(channels)));
        AddLayer("features.norm5", "stage4", norm5);
        register_module("features", Sequential(children));
        register_module("classifier", classifier = Linear(channels, classes));
        AddLayer("classifier", "head", classifier);
        foreach (var convolution in modules().OfType<Conv2d>())
        {
            init.kaiming_normal_(convolution.weight);
        }

        init.zeros_(classifier.bias);
    }

    public override Linear Head => classifier;

    public override string HeadName => "classifier";

    public override Tensor Features(Tensor images)
    {
        var x = norm0.forward(conv0.forward(images)).relu_();
        x = functional.max_pool2d(x, 3, stride: 2, padding: 1);
        for (var block = 0; block < 4; block++)
        {
            foreach (var layer in blocks[block])
            {
                x = cat([x, layer.forward(x)], 1);
            }

            if (block < 3)
            {
                x = transitions[block].forward(x);
            }
        }

        return norm5.forward(x).relu_();
    }

    Sequential Block(int number, int count, ref long channels)
    {
        var block = new List<DenseLayer>();
        for (var i = 1; i <= count; i++)
        {
            var layer = new DenseLayer(channels);
            block.Add(layer);
            channels += Growth;
            var name = $"features.denseblock{number}.denselayer{i}";
            AddLayer(name + ".conv1", $"stage{number}", layer.Norm1, layer.Conv1);
            AddLayer(name + ".conv2", $"stage{number}", layer.Norm2, layer.Conv2);
        }

        blocks.Add(block);
        return Sequential(block.Select((layer, i) => ($"denselayer{i + 1}", (Module<Tensor, Tensor>)layer)).ToList());
    }

    /// <summary>norm, ReLU, 1x1, norm, ReLU, 3x3: the 32 new channels.</summary>
    sealed class DenseLayer : Module<Tensor, Tensor>
    {
        public DenseLayer(long channels)
            : base(nameof(DenseLayer))
        {
            register_module("norm1", Norm1 = BatchNorm2d(channels));
            register_module("conv1", Conv1 = Conv2d(channels, BottleneckWidth, 1, bias: false));
            register_module("norm2", Norm2 = BatchNorm2d(BottleneckWidth));
            register_module("conv2", Conv2 = Conv2d(BottleneckWidth, Growth, 3, padding: 1, bias: false));
        }

        public BatchNorm2d Norm1 { get; }

        public Conv2d Conv1 { get; }

        public BatchNorm2d Norm2 { get; }

        public Conv2d Conv2 { get; }

        public override Tensor forward(Tensor input)
        {
            var x = Conv1.forward(Norm1.forward(input).relu_());
            return Conv2.forward(Norm2.forward(x).relu_());
        }
    }

    /// <summary>norm, ReLU, 1x1 to half the channels, 2x2 average. Pooled before the convolution: both are linear and commute, at a quarter of the work.</summary>
    sealed class Transition : Module<Tensor, Tensor>
    {
        public Transition(long channels)
            : base(nameof(Transition))
        {
            register_module("norm", Norm = BatchNorm2d(channels));
            register_module("conv", Conv = Conv2d(channels, channels / 2, 1, bias: false));
        }

        public BatchNorm2d Norm { get; }

        public Conv2d Conv { get; }

        public override Tensor forward(Tensor input) =>
            Conv.forward(functional.avg_pool2d(Norm.forward(input).relu_(), 2, stride: 2));
    }
}
