using CovidCxr.Domain.Collections;
using CovidCxr.Imaging.Decoding;

namespace CovidCxr.Clinic.Studies;

/// <summary>
/// Scans on their way from upload to analysis, so that a film is decoded once and not twice. Bounded, the oldest goes first; what is not
/// here (another process's upload, a restart) is decoded from its file.
/// </summary>
/// <param name="limit">Bytes of samples that may wait here.</param>
public sealed class DecodedScans(long limit = DecodedScans.DefaultLimit)
{
    public const long DefaultLimit = 128L * 1024 * 1024;

    readonly RecentItems<string, GreyImage> _scans = new(limit, image => sizeof(ushort) * (long)image.Samples.Length);

    public void Put(string key, GreyImage image) => _scans.Put(key, image);

    /// <summary>The scan, which is gone from here then; null where it is not here.</summary>
    public GreyImage? Take(string key) => _scans.TryTake(key, out var image) ? image : null;
}
