using System.Runtime.InteropServices;
using CovidCxr.Learning.Checkpoints;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Checkpoints;

/// <summary>Between a network's named tensors and stored ones.</summary>
public static class StateDict
{
    /// <summary>Parameters and buffers by torchvision's names, copied: floating ones as F32, counters as I64.</summary>
    public static IReadOnlyDictionary<string, StoredTensor> Save(nn.Module network)
    {
        using var scope = NewDisposeScope();
        return network.state_dict().ToDictionary(entry => entry.Key, entry => ToStored(entry.Value));
    }

    /// <summary>Copies stored tensors into the network.</summary>
    /// <exception cref="ModelFileException">A name or shape does not match, each named.</exception>
    public static void Load(nn.Module network, IReadOnlyDictionary<string, StoredTensor> tensors)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var targets = network.state_dict();
        // torchvision's older files lack the counters, and nothing here reads them.
        var missing = targets.Keys.Where(k => !tensors.ContainsKey(k) && !k.EndsWith("num_batches_tracked", StringComparison.Ordinal))
            .ToList();
        var unknown = tensors.Keys.Where(k => !targets.ContainsKey(k)).ToList();
        if (missing.Count + unknown.Count > 0)
        {
            var words = $"{Describe("missing", missing)}{Describe("unknown", unknown)}";
            throw new ModelFileException($"The weights are not those of {network.GetName()}: {words}".TrimEnd());
        }

        foreach (var (name, stored) in tensors)
        {
            var target = targets[name];
            if (!target.shape.SequenceEqual(stored.Shape))
            {
                throw new ModelFileException(
                    $"{name} has the shape {string.Join("x", stored.Shape)}; {network.GetName()} needs "
                        + $"{string.Join("x", target.shape)}.");
            }

            target.copy_(FromStored(stored));
        }
    }

    public static StoredTensor ToStored(Tensor value)
    {
        using var scope = NewDisposeScope();
        var isInteger = value.dtype == ScalarType.Int64;
        var plain = value.detach().to_type(isInteger ? ScalarType.Int64 : ScalarType.Float32).cpu().contiguous();
        return new(isInteger ? "I64" : "F32", value.shape, plain.bytes.ToArray());
    }

    public static Tensor FromStored(StoredTensor stored) => stored.Type == "I64"
        ? tensor(MemoryMarshal.Cast<byte, long>(stored.Data.Span).ToArray(), stored.Shape)
        : tensor(stored.ToFloats(), stored.Shape);

    static string Describe(string what, List<string> names) => names.Count == 0
        ? ""
        : $"{what} {string.Join(", ", names.Take(3))}{(names.Count > 3 ? $" and {names.Count - 3} more" : "")}. ";
}
