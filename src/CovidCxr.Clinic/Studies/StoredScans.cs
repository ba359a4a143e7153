using CovidCxr.Domain.Collections;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Storage.Files;

namespace CovidCxr.Clinic.Studies;

/// <summary>The file of an uploaded X-ray is gone, or it can no longer be decoded.</summary>
public sealed class StoredScanLostException() : IOException("A stored image is gone or can no longer be decoded.");

/// <summary>Uploaded X-rays, decoded from their files.</summary>
public sealed class StoredScans(BlobStore blobs, IScanDecoder decoder)
{
    /// <exception cref="StoredScanLostException">The file is gone or can no longer be decoded.</exception>
    public async Task<GreyImage> ReadAsync(string key, CancellationToken cancellation) =>
        await FindAsync(key, cancellation) ?? throw new StoredScanLostException();

    /// <returns>Null where the file is gone or can no longer be decoded.</returns>
    public async Task<GreyImage?> FindAsync(string key, CancellationToken cancellation)
    {
        try
        {
            var bytes = await blobs.ReadAsync(key, cancellation);
            return decoder.Decode(bytes, cancellation) is DecodeResult.Decoded { Image: var image } ? image : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}

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
