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
