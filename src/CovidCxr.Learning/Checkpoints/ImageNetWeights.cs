using CovidCxr.Learning.Networks;
using CovidCxr.Learning.Onnx;

namespace CovidCxr.Learning.Checkpoints;

/// <summary>
/// ImageNet's weights for ResNet18, which come with this program from a NuGet package (Microsoft.ML.DnnImageFeaturizer.ResNet18, MIT), and
/// the words on how to get those of other networks.
/// </summary>
public static class ImageNetWeights
{
    /// <summary>What a configuration names in place of a model file to start from these weights.</summary>
    public const string Name = "imagenet";

    /// <summary>Where the package's file lies beside the program.</summary>
    public const string File = "StartingWeights/ResNet18.onnx";

    // What the package's network is given: 0..255 less its means, blue before green before red. A preset gives (v - mean) / deviation,
    // v in 0..1. The two means differ by less than 0.3%, and the deviation goes into the first convolution.
    static readonly float[] Deviation = [0.229f, 0.224f, 0.225f];

    static readonly int[] FileBlocks = [2, 2, 2, 3];

    /// <summary>The networks that can start so.</summary>
    public static IEnumerable<string> Architectures => NetworkCatalog.Families.SelectMany(f => f.Members).Where(Has).Select(s => s.Name);

    /// <summary>Whether the package's network has all blocks of this one.</summary>
    public static bool Has(NetworkShape shape) =>
        shape.Name.StartsWith("resnet", StringComparison.Ordinal) && !shape.IsBottleneck && shape.Blocks.Count <= FileBlocks.Length
            && shape.Blocks.Zip(FileBlocks).All(b => b.First <= b.Second);

    /// <summary>The state dict without a head, by torchvision's names. Blocks that the shape lacks are left out.</summary>
    /// <param name="shape">One that <see cref="Has"/> says yes to.</param>
    /// <exception cref="ModelFileException">The file is absent or another one.</exception>
    public static IReadOnlyDictionary<string, StoredTensor> Read(string path, NetworkShape shape)
    {
        IReadOnlyList<OnnxNode> nodes;
        try
        {
            nodes = OnnxWeights.Read(System.IO.File.ReadAllBytes(path));
        }
        catch (InvalidDataException e)
        {
            throw new ModelFileException("ImageNet's weights are damaged.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFileException($"ImageNet's weights are not beside the program ({File}).", e);
        }

        var (weights, place) = (new Dictionary<string, StoredTensor>(StringComparer.Ordinal), new Place());
        for (var i = 0; i + 1 < nodes.Count; i += 2)
        {
            if (nodes[i] is not { Operation: "Conv", Weights: [var kernel] } || nodes[i + 1].Weights is not [var gamma, var beta, var mean,
                var variance])
            {
                throw new ModelFileException("ImageNet's weights are not those that this program knows.");
            }

            var (conv, norm, isOf) = place.Next(kernel.Shape, shape);
            if (isOf)
            {
                weights[conv + ".weight"] = Stored(i == 0 ? OnRedGreenBlue(kernel) : kernel);
                (weights[norm + ".weight"], weights[norm + ".bias"]) = (Stored(gamma), Stored(beta));
                (weights[norm + ".running_mean"], weights[norm + ".running_var"]) = (Stored(mean), Stored(variance));
            }
        }

        return weights;
    }

    /// <param name="architecture">A name of the catalogue.</param>
    /// <param name="classes">Of the model to be trained, the positive one first.</param>
    public static string HowToGet(string architecture, IReadOnlyList<string> classes) =>
        "For other networks, on a computer with Python and a network: "
        + "pip install torch torchvision; "
        + $"python3 -c \"import torch, torchvision; torch.save(torchvision.models.{architecture}(weights='IMAGENET1K_V1').state_dict(), "
        + $"'{architecture}.pth')\"; "
        + $"then, here: model import {architecture}.pth --classes \"{string.Join(',', classes)}\" --out {architecture}.safetensors, "
        + "and name that file as initialModel of a run.";

    static StoredTensor Stored(WeightTensor tensor) => StoredTensor.FromFloats(tensor.Values, tensor.Shape);

    static WeightTensor OnRedGreenBlue(WeightTensor kernel)
    {
        var values = kernel.Values;
        var area = (int)(kernel.Shape[2] * kernel.Shape[3]);
        var turned = new float[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var (row, inside) = Math.DivRem(i, area);
            var (filter, channel) = Math.DivRem(row, 3);
            turned[i] = values[(((filter * 3) + (2 - channel)) * area) + inside] * 255 * Deviation[channel];
        }

        return kernel with { Values = turned };
    }

    // The file's convolutions in order: the stem, then of every block its shortcut's, where it has one, and its two.
    sealed class Place
    {
        int _stage = 1, _block, _conv;
        bool _isFirst = true;
        long _channels = 64;

        public (string Conv, string Norm, bool IsOf) Next(long[] kernel, NetworkShape shape)
        {
            if (_isFirst)
            {
                _isFirst = false;
                return ("conv1", "bn1", true);
            }

            if (kernel[0] != _channels)
            {
                (_channels, _stage, _block, _conv) = (kernel[0], _stage + 1, 0, 0);
            }

            var name = $"layer{_stage}.{_block}";
            var isOf = _stage <= shape.Blocks.Count && _block < shape.Blocks[_stage - 1];
            if (kernel[2] == 1)
            {
                return (name + ".downsample.0", name + ".downsample.1", isOf);
            }

            var number = ++_conv;
            if (_conv == 2)
            {
                (_block, _conv) = (_block + 1, 0);
            }

            return ($"{name}.conv{number}", $"{name}.bn{number}", isOf);
        }
    }
}
