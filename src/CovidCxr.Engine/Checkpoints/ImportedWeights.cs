using System.Text.RegularExpressions;
using CovidCxr.Engine.Backbones;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Networks;

namespace CovidCxr.Engine.Checkpoints;

/// <summary>Another program's weights under this program's names, complete for one architecture and so many classes.</summary>
/// <param name="Architecture">A name of the catalogue.</param>
/// <param name="Tensors">As <see cref="StateDict.Save"/> gives them.</param>
/// <param name="HeadClasses">Classes of the head in the file; null where it had none.</param>
/// <param name="KeepsHead">Whether the head is the file's; else it is new and random.</param>
public sealed partial record ImportedWeights(string Architecture, IReadOnlyDictionary<string, StoredTensor> Tensors, long? HeadClasses, bool KeepsHead)
{
    /// <summary>Reads a state dict of torchvision's networks, as .pth or .safetensors: by content, not by the file's name.</summary>
    /// <param name="architecture">A name of the catalogue; null to recognise it.</param>
    /// <param name="classes">Of the head, 2 to 100. A head of another size is replaced by a new one.</param>
    /// <exception cref="ModelFileException">Not such weights; the message says why.</exception>
    public static ImportedWeights Read(string path, string? architecture, int classes)
    {
        var tensors = Rename(ReadAny(path));
        var found = NetworkCatalog.Recognise(tensors.Keys);
        if (found is null || (architecture ?? found) != found)
        {
            throw new ModelFileException(found is null
                ? $"The weights are of no network that is known here ({string.Join(", ", NetworkCatalog.Names)})."
                : $"The weights are those of {found}, not of {architecture}.");
        }

        CheckFinite(tensors);
        using var network = BackboneCatalog.Create(found, classes, seed: 0);
        var (weight, bias) = (network.HeadName + ".weight", network.HeadName + ".bias");
        long? rows = tensors.TryGetValue(weight, out var head) && head.Shape.Length == 2 ? head.Shape[0] : null;
        var keeps = rows == classes && tensors.ContainsKey(bias);
        if (!keeps)
        {
            var own = StateDict.Save(network);
            (tensors[weight], tensors[bias]) = (own[weight], own[bias]);
        }

        StateDict.Load(network, tensors);
        return new(found, StateDict.Save(network), rows, keeps);
    }

    static IReadOnlyDictionary<string, StoredTensor> ReadAny(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            Span<byte> start = stackalloc byte[4];
            var read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            return PickleStateDict.IsTorchFile(start[..read]) ? PickleStateDict.Read(path) : SafetensorsFile.Parse(File.ReadAllBytes(path)).Tensors;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFileException("The file of weights cannot be read.", e);
        }
    }

    // DataParallel puts "module." before every name; torchvision's DenseNets of before 0.3 write norm.1 for norm1.
    static Dictionary<string, StoredTensor> Rename(IReadOnlyDictionary<string, StoredTensor> tensors)
    {
        var isWrapped = tensors.Keys.All(k => k.StartsWith("module.", StringComparison.Ordinal));
        var renamed = new Dictionary<string, StoredTensor>(StringComparer.Ordinal);
        foreach (var (name, tensor) in tensors)
        {
            var plain = OldDenseLayer().Replace(isWrapped ? name["module.".Length..] : name, "$1$2");
            if (!renamed.TryAdd(plain, tensor))
            {
                throw new ModelFileException($"The file holds {plain} under two names.");
            }
        }

        return renamed;
    }

    static void CheckFinite(Dictionary<string, StoredTensor> tensors)
    {
        foreach (var (name, tensor) in tensors.Where(t => t.Value.Type is not ("I64" or "I32" or "U8")))
        {
            if (!tensor.ToFloats().All(float.IsFinite))
            {
                throw new ModelFileException($"{name} holds values that are not finite.");
            }
        }
    }

    [GeneratedRegex(@"^(features\.denseblock\d\.denselayer\d+\.(?:norm|conv))\.([12]\.)")]
    private static partial Regex OldDenseLayer();
}
