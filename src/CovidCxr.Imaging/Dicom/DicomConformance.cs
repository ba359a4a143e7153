namespace CovidCxr.Imaging.Dicom;

/// <summary>Which objects and codings are read, as UID (PS3.6, annex A) and name: for whoever negotiates them with a peer.</summary>
public static class DicomConformance
{
    public static IReadOnlyList<(string Uid, string Name)> SopClasses => SopClass.Read;

    /// <summary>In the order of preference.</summary>
    public static IReadOnlyList<(string Uid, string Name)> TransferSyntaxes => DicomSyntax.Read;
}
