using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CovidCxr.Engine.Backbones;

/// <summary>
/// A convolutional network with global average pooling and one linear head. Module names and shapes are torchvision's, so that its
/// state dicts load by name.
/// </summary>
public abstract class Backbone : Module<Tensor, Tensor>
{
    readonly List<NetworkLayer> _layers = [];

    static Backbone() => OneDnnCaches.Ensure();

    protected Backbone(string architecture)
        : base(architecture)
    {
        Architecture = architecture;
    }

    /// <summary>The catalogue's name, such as densenet121.</summary>
    public string Architecture { get; }

    /// <summary>Parameterised layers in forward order, input first, head last.</summary>
    public IReadOnlyList<NetworkLayer> Layers => _layers;

    /// <summary>The last module: (classes, channels) weight and (classes) bias.</summary>
    public abstract Linear Head { get; }

    /// <summary>The state dict's prefix of <see cref="Head"/>.</summary>
    public abstract string HeadName { get; }

    public int Classes => (int)Head.weight.shape[0];

    /// <summary>Where its weights are, and its input must be.</summary>
    public Device Device => Head.weight.device;

    /// <summary>Takes every parameter and buffer along; those of before are gone.</summary>
    public void MoveTo(Device device) => this.to(device);

    /// <summary>(N, 3, H, W) to the last feature map, after its ReLU: (N, C, H/32, W/32), or H/16 and W/16 of a
    /// network without a fourth stage. H and W are at least 32.</summary>
    public abstract Tensor Features(Tensor images);

    /// <summary>The last feature map to logits: (N, C, h, w) to (N, classes), in the head's precision.</summary>
    public Tensor Classify(Tensor features)
    {
        using var scope = NewDisposeScope();
        return Head.call(features.to_type(Head.weight.dtype).mean([2L, 3L])).MoveToOuterDisposeScope();
    }

    /// <summary>(N, 3, H, W) to logits (N, classes).</summary>
    public override Tensor forward(Tensor input)
    {
        using var features = Features(input);
        return Classify(features);
    }

    protected void AddLayer(string name, string stage, params Module[] modules) => _layers.Add(new(name, stage, modules));
}
