using System.Text.RegularExpressions;

namespace CovidCxr.Learning.Data;

/// <summary>What is taken for an image to train on, wherever one is listed, imported or read.</summary>
public static partial class TrainingImages
{
    static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dcm", ".dicom"];

    /// <summary>Whether the name says so; only the decoder knows.</summary>
    public static bool IsNamedSo(string path) =>
        Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase) || NameOnMedia().IsMatch(Path.GetFileName(path));

    // What scanners and archives call DICOM files: a UID, or IM and a number of eight characters in all (PS3.10, 8.2).
    [GeneratedRegex(@"^(?:[0-2](?:\.[0-9]+){5,}|IM[A-Z]?[0-9][0-9A-Z]{2,5})$")]
    private static partial Regex NameOnMedia();
}
