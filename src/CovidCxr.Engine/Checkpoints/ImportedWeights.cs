using CovidCxr.Engine.Backbones;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Networks;

namespace CovidCxr.Engine.Checkpoints;

/// <summary>Another program's weights under this program's names, complete for one architecture and so many classes.</summary>
/// <param name="Architecture">A name of the catalogue.</param>
/// <param name="Tensors">As <see cref="StateDict.Save"/> gives them.</param>
/// <param name="HeadClasses">Classes of the head in the file; null where it had none.</param>
/// <param name="KeepsHead">Whether the head is the file's; else it is new and random.</param>
public sealed record ImportedWeights(
    string Architecture, IReadOnlyDictionary<string, StoredTensor> Tensors, long? HeadClasses, bool KeepsHead)
{
    /// <summary>Reads a state dict of torchvision's networks, as .pth or .safetensors: by content, not by the file's name.</summary>
    /// <param name="architecture">A name of the catalogue; null to recognise it.</param>
    /// <param name="classes">Of the head, 2 to 100. A head of another size is replaced by a new one.</param>
    /// <exception cref="ModelFileException">Not such weights; the message says why.</exception>
    public static ImportedWeights Read(string path, string? architecture, int classes)
    {
        var (tensors, dropped) = ForeignWeights.Of(ReadAny(path));
        var found = NetworkCatalog.Recognise(tensors.Keys);
        if (found is null || (architecture ?? found) != found)
        {
            throw new ModelFileException(found is null
                ? $"The weights are of no network that is known here ({string.Join(", ", NetworkCatalog.Names)}). Their names are "
                    + $"{Some([.. tensors.Keys])}."
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
        return new(found, StateDict.Save(network), rows ?? dropped, keeps);
    }

    static IReadOnlyDictionary<string, StoredTensor> ReadAny(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            Span<byte> start = stackalloc byte[4];
            var read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            return PickleStateDict.IsTorchFile(start[..read])
                ? PickleStateDict.Read(path)
                : SafetensorsFile.Parse(File.ReadAllBytes(path)).Tensors;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFileException("The file of weights cannot be read.", e);
        }
    }

    static string Some(List<string> names) =>
        $"{string.Join(", ", names.Take(3))}{(names.Count > 3 ? $" and {names.Count - 3} more" : "")}";

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
}
