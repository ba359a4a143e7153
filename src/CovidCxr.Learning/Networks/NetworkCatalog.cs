namespace CovidCxr.Learning.Networks;

/// <summary>The networks that can be trained; DenseNet169 and ResNet152 are those of Adedigba et al. 2021.</summary>
public static class NetworkCatalog
{
    /// <summary>Every family; another one is one more line.</summary>
    public static IReadOnlyList<NetworkFamily> Families { get; } = [ResNetFamily.Family, DenseNetFamily.Family];

    /// <summary>What the networks are called, everywhere.</summary>
    public static IReadOnlyCollection<string> Names { get; } = [.. Families.SelectMany(f => f.Members).Select(m => m.Name)];

    /// <exception cref="ArgumentException">No such architecture.</exception>
    public static (NetworkFamily Family, NetworkShape Shape) Find(string architecture)
    {
        var found = from family in Families
                    from shape in family.Members
                    where shape.Name == architecture
                    select (family, shape);
        return found.Cast<(NetworkFamily, NetworkShape)?>().SingleOrDefault()
            ?? throw new ArgumentException(
                $"There is no architecture '{architecture}'; there are {string.Join(", ", Names)}.", nameof(architecture));
    }

    /// <summary>Which network a state dict is of, from the blocks that its names count. Shapes are checked when it is loaded.</summary>
    /// <returns>A name of the catalogue; null for any other network.</returns>
    public static string? Recognise(IEnumerable<string> names)
    {
        var keys = names.ToHashSet(StringComparer.Ordinal);
        // Blocks of two families are of neither.
        var families = Families.Where(f => f.BlocksIn(keys).Count > 0).ToList();
        return families is [var family] ? family.Recognise(keys)?.Name : null;
    }

    /// <summary>
    /// What stands before the names of networks' blocks, such as `module.model.`: once for each network that is wrapped so; empty text for
    /// none.
    /// </summary>
    public static IReadOnlyList<string> PrefixesIn(IEnumerable<string> names) =>
        [.. names.Select(PrefixOf).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    static string? PrefixOf(string name)
    {
        for (var start = 0; start >= 0; start = name.IndexOf('.', start) is var dot && dot < 0 ? -1 : dot + 1)
        {
            if (Families.Any(f => f.BlockKeys.IsMatch(name[start..])))
            {
                return name[..start];
            }
        }

        return null;
    }
}
