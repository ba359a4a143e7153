namespace CovidCxr.Laboratory.DataSets.Sources;

/// <summary>
/// What an archive may cost. Checked against its directory first, so that a refusal costs nothing, and against what really comes out after.
/// </summary>
/// <param name="MaxEntries">Files and folders; the largest public collection that fits the disk of a small machine has fewer.</param>
/// <param name="MaxUnpackedBytes">Of all files together.</param>
/// <param name="MaxFileBytes">Of one file.</param>
/// <param name="MaxRatio">Unpacked to packed, of a file above a megabyte. An X-ray as a TIFF packs to a third, a uniform grey one to a
/// fiftieth.</param>
public sealed record ArchiveLimits(
    int MaxEntries = 50_000, long MaxUnpackedBytes = 20L << 30, long MaxFileBytes = 200L << 20, int MaxRatio = 100);
