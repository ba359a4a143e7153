using System.Globalization;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Duplicates;

namespace CovidCxr.Learning.Tests;

/// <summary>Samples known by their hashes, without pixels.</summary>
static class Films
{
    public static Sample Of(string path, string pixelHash, PerceptualHash hash, string source = "s", int group = 0) =>
        new(new(new(path, "Other", path, source), pixelHash, hash, new CachedPixels([]), 1, 1, default), 1, group, DataPart.Train);

    /// <summary>A pixel hash of its own for every number.</summary>
    public static string Pixels(int number) => string.Concat(Enumerable.Repeat(number.ToString("x8", CultureInfo.InvariantCulture), 8));
}
