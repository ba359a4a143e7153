namespace CovidCxr.Hospital.Peers;

/// <summary>An archive that answers by DICOMweb (QIDO-RS and WADO-RS).</summary>
public sealed class ArchiveOptions
{
    /// <summary>What people here call it; 1 to 16 letters, digits, blanks, dots, hyphens and underscores, each once.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its base address, below which /studies stands; https, or http on this machine.</summary>
    public string Address { get; set; } = "";

    /// <summary>Whether it may be spoken to by http over a network; off by default.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>The file that holds the bearer token that it wants, alone. It is read at each request: it may change.</summary>
    public string TokenFile { get; set; } = "";

    internal static IEnumerable<(bool IsRight, string Rule)> RulesOf(IReadOnlyList<ArchiveOptions> all) =>
    [
        (
            all.All(a => DestinationOptions.NameWords().IsMatch(a.Name) && a.Name.Length <= 16)
                && all.DistinctBy(a => a.Name).Count() == all.Count,
            "Hospital:Archives:Name must be 1 to 16 letters, digits, blanks, dots, hyphens or underscores, and each another."),
        (
            all.All(a => DestinationOptions.IsSafe(a.Address, a.AllowHttp)),
            "Hospital:Archives:Address must be an https address without a user, query or fragment in it; http on this machine alone, or "
                + "where Hospital:Archives:AllowHttp is true."),
    ];
}
