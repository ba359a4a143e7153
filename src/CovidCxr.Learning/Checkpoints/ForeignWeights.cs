using System.Text.RegularExpressions;
using CovidCxr.Learning.Networks;

namespace CovidCxr.Learning.Checkpoints;

/// <summary>
/// A state dict of one of torchvision's networks under torchvision's names, whatever was wrapped around the network when it was saved.
/// </summary>
/// <param name="Tensors">By torchvision's names.</param>
/// <param name="DroppedHeadClasses">Of a head of several layers, which no network here has and which is left out; null where there was
/// none.</param>
public sealed partial record ForeignWeights(Dictionary<string, StoredTensor> Tensors, long? DroppedHeadClasses)
{
    const int Grey = 1, Dimensions = 4;

    static readonly string[] Stems = ["conv1.weight", "features.conv0.weight"];

    // Where else than in the network's own last module programs put the layer that tells the classes.
    static readonly HashSet<string> Heads = new(StringComparer.Ordinal)
    {
        "head", "heads", "fc", "classifier", "linear", "last_linear", "logits", "output"
    };

    /// <summary>
    /// Strips what Lightning (`model.`), DataParallel (`module.`), torch.compile (`_orig_mod.`) and wrappers of one's own (`backbone.`) put
    /// before every name, and finds the head.
    /// </summary>
    /// <exception cref="ModelFileException">There are several networks in the file, one is part of a larger one, or it reads grey images of
    /// one channel.</exception>
    public static ForeignWeights Of(IReadOnlyDictionary<string, StoredTensor> tensors)
    {
        var prefixes = NetworkCatalog.PrefixesIn(tensors.Keys);
        if (prefixes.Count > 1)
        {
            throw new ModelFileException(
                $"The file holds several networks, under "
                    + $"{string.Join(" and ", prefixes.Select(p => $"'{PickleMachine.Printable(p)}'"))}. Save the state dict of one of "
                    + $"them.");
        }

        var prefix = prefixes.FirstOrDefault("");
        var (inside, besides) = (new Dictionary<string, StoredTensor>(StringComparer.Ordinal), new List<string>());
        foreach (var (name, tensor) in tensors)
        {
            var isInside = name.StartsWith(prefix, StringComparison.Ordinal);
            // torchvision's DenseNets of before 0.3 write norm.1 for norm1.
            var plain = OldDenseLayer().Replace(isInside ? name[prefix.Length..] : name, "$1$2");
            if (!isInside && Losses().IsMatch(name))
            {
                continue;
            }

            if (!inside.TryAdd(plain, tensor))
            {
                throw new ModelFileException($"The file holds {plain} under two names.");
            }

            besides.AddRange(isInside || Heads.Contains(Module(name)) ? [] : [name]);
        }

        if (besides.Count > 0)
        {
            throw new ModelFileException(
                $"Besides a network under '{PickleMachine.Printable(prefix)}' the file holds "
                    + $"{string.Join(", ", besides.Take(3).Select(PickleMachine.Printable))}"
                    + $"{(besides.Count > 3 ? $" and {besides.Count - 3} more" : "")}: "
                + "it is part of a larger one, which is not read.");
        }

        CheckStem(inside);
        return NetworkCatalog.Recognise(inside.Keys) is { } architecture
            ? WithHead(inside, NetworkCatalog.Find(architecture).Family.Head)
            : new(inside, null);
    }

    static void CheckStem(Dictionary<string, StoredTensor> tensors)
    {
        foreach (var stem in Stems)
        {
            if (tensors.TryGetValue(stem, out var tensor) && tensor.Shape is { Length: Dimensions } shape && shape[1] == Grey)
            {
                throw new ModelFileException(
                    $"The network reads grey images of one channel ({stem} is {string.Join('x', shape)}); the networks here read three. "
                        + $"Make three of it with Python and save it anew: "
                    + $"w = weights['{stem}']; weights['{stem}'] = w.repeat(1, 3, 1, 1) / 3. It must be trained again, as images are "
                    + $"normalised otherwise here.");
            }
        }
    }

    // One linear layer is the head, whatever it is called; of several none is taken.
    static ForeignWeights WithHead(Dictionary<string, StoredTensor> tensors, string head)
    {
        var (weight, bias) = (head + ".weight", head + ".bias");
        var parts = tensors.Keys.Where(n => Heads.Contains(Module(n)) && n != weight && n != bias).ToList();
        if (parts.Count == 0)
        {
            return new(tensors, null);
        }

        var linear = parts.Where(n => n.EndsWith(".weight", StringComparison.Ordinal) && tensors[n].Shape.Length == 2).ToList();
        var one = linear is [var only] && !tensors.ContainsKey(weight) ? only[..^".weight".Length] : null;
        var isAlone = one is not null && parts.All(n => n == $"{one}.weight" || n == $"{one}.bias");
        var taken = tensors.Where(t => !parts.Contains(t.Key)).ToDictionary(StringComparer.Ordinal);
        if (isAlone)
        {
            taken[weight] = tensors[$"{one}.weight"];
            if (tensors.TryGetValue($"{one}.bias", out var shift))
            {
                taken[bias] = shift;
            }

            return new(taken, null);
        }

        taken.Remove(weight);
        taken.Remove(bias);
        return new(taken, linear.Count > 0 ? tensors[linear.OrderBy(n => n, StringComparer.Ordinal).Last()].Shape[0] : null);
    }

    static string Module(string name) => name.Split('.')[0];

    [GeneratedRegex(@"^(features\.denseblock\d\.denselayer\d+\.(?:norm|conv))\.([12]\.)")]
    private static partial Regex OldDenseLayer();

    // Lightning keeps the weights of classes and the counters of metrics beside the network.
    [GeneratedRegex(@"^(?:\w*criterion|\w*loss\w*|\w*metrics?|\w*accuracy|\w*auroc)\.", RegexOptions.IgnoreCase)]
    private static partial Regex Losses();
}
