namespace CovidCxr.Imaging.Dicom;

/// <summary>Which objects and codings are read, as UID (PS3.6, annex A) and name: for whoever negotiates them with a peer.</summary>
public static class DicomConformance
{
    public static IReadOnlyList<(string Uid, string Name)> SopClasses => SopClass.Read;

    /// <summary>In the order of preference.</summary>
    public static IReadOnlyList<(string Uid, string Name)> TransferSyntaxes => DicomSyntax.Read;

    /// <summary>Of these, the ones that this machine has the libraries for.</summary>
    public static IReadOnlyList<(string Uid, string Name)> TransferSyntaxesHere { get; } =
        [.. DicomSyntax.Read.Where(s => DicomSyntax.Of(s.Uid).Codec is not { IsPresent: false })];
}
