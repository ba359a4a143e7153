using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CovidCxr.Engine.Backbones;

/// <summary>Layers that each see the maps of all before them and add <see cref="Growth"/> of their own.</summary>
sealed class DenseBlock : Module<Tensor, Tensor>
{
    const int Growth = 32, BottleneckWidth = 4 * Growth;

    public DenseBlock(long channels, int count)
        : base(nameof(DenseBlock))
    {
        for (var i = 1; i <= count; i++)
        {
            var layer = new DenseLayer(channels);
            register_module($"denselayer{i}", layer);
            Layers.Add(layer);
            channels += Growth;
        }

        OutChannels = channels;
    }

    public List<DenseLayer> Layers { get; } = [];

    public long OutChannels { get; }

    public override Tensor forward(Tensor input)
    {
        // Each concatenation but the last is dropped as soon as it was used: without gradients a third of the memory.
        using var scope = NewDisposeScope();
        var x = input;
        foreach (var layer in Layers)
        {
            using var grown = layer.call(x);
            var next = cat([x, grown], 1);
            if (!ReferenceEquals(x, input))
            {
                x.Dispose();
            }

            x = next;
        }

        return x.MoveToOuterDisposeScope();
    }

    /// <summary>norm, ReLU, 1x1, norm, ReLU, 3x3: the new channels.</summary>
    internal sealed class DenseLayer : Module<Tensor, Tensor>
    {
        public DenseLayer(long channels)
            : base(nameof(DenseLayer))
        {
            register_module("norm1", Norm1 = new Norm2d(channels));
            register_module("conv1", Conv1 = Conv2d(channels, BottleneckWidth, 1, bias: false));
            register_module("norm2", Norm2 = new Norm2d(BottleneckWidth));
            register_module("conv2", Conv2 = Conv2d(BottleneckWidth, Growth, 3, padding: 1, bias: false));
        }

        public Norm2d Norm1 { get; }

        public Conv2d Conv1 { get; }

        public Norm2d Norm2 { get; }

        public Conv2d Conv2 { get; }

        public override Tensor forward(Tensor input)
        {
            using var normed = Norm1.call(input);
            using var active = normed.relu_();
            using var squeezed = Conv1.call(active);
            using var normedAgain = Norm2.call(squeezed);
            using var activeAgain = normedAgain.relu_();
            return Conv2.call(activeAgain);
        }
    }
}
