namespace CovidCxr.Storage.Files;

/// <summary>
/// Keeps uploaded files under names of its own making, so that no name from outside ever becomes a path. A file is on the disk before its
/// key is handed out.
/// </summary>
public sealed class BlobStore(DataFolder folder)
{
    /// <returns>The key under which the bytes are found again.</returns>
    public async Task<string> SaveAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var key = Guid.NewGuid().ToString("N");
        var path = PathOf(key);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            await using (var stream = File.Create(path + ".tmp"))
            {
                await stream.WriteAsync(content, cancellation);
                stream.Flush(flushToDisk: true);
            }

            File.Move(path + ".tmp", path);
            return key;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // A full disk or an uploader who left: half a patient's image must not stay.
            File.Delete(path + ".tmp");
            throw;
        }
    }

    public Task<byte[]> ReadAsync(string key, CancellationToken cancellation) => File.ReadAllBytesAsync(PathOf(key), cancellation);

    public byte[] Read(string key) => File.ReadAllBytes(PathOf(key));

    public bool Exists(string key) => File.Exists(PathOf(key));

    public void Delete(string key) => File.Delete(PathOf(key));

    /// <summary>The files last written before a moment, each named by its key; what was never finished has a name that is no key.</summary>
    public IReadOnlyList<FileInfo> StoredBefore(DateTimeOffset moment) => Directory.Exists(folder.Blobs)
        ? [.. new DirectoryInfo(folder.Blobs).EnumerateFiles("*", SearchOption.AllDirectories).Where(
            f => f.LastWriteTimeUtc < moment.UtcDateTime)]
        : [];

    string PathOf(string key) => Guid.TryParseExact(key, "N", out _)
        ? Path.Combine(folder.Blobs, key[..2], key)
        : throw new ArgumentException("Not a blob key.", nameof(key));
}
