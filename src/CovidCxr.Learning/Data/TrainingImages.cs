using CovidCxr.Imaging.Decoding;

namespace CovidCxr.Learning.Data;

/// <summary>What is taken for an image to train on, wherever one is listed, imported or read.</summary>
public static class TrainingImages
{
    static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".tif", ".tiff"];

    /// <summary>Reads from 32 pixels a side: collections hold smaller pictures than a clinic's uploads. Safe for several threads.</summary>
    public static ScanDecoder Decoder { get; } = new(new ImagingOptions { MinSidePixels = 32 });

    /// <summary>Whether the name says so; only the decoder knows.</summary>
    public static bool IsNamedSo(string path) => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);
}
