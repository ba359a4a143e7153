using Microsoft.Win32.SafeHandles;

namespace CovidCxr.Learning.Data;

/// <summary>
/// Keeps the decoded pixels of a data set: in memory up to a limit, beyond it in one temporary file, so that no image is decoded twice.
/// Safe to call from several threads.
/// </summary>
/// <param name="maxBytes">Of memory, 0 or more. What is read back does not depend on it.</param>
/// <param name="folder">Where the temporary file lies; it ends with the process, also a killed one.</param>
public sealed class PixelCache(long maxBytes, string folder)
{
    /// <summary>1 GiB: 21,000 images of 224 x 224, more than the public collections of this disease have.</summary>
    public const long DefaultMaxBytes = 1L << 30;

    readonly Lock _places = new();
    SafeFileHandle? _file;

    /// <summary>Of pixels in memory; never above the limit.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>Of pixels in the file.</summary>
    public long FileBytes { get; private set; }

    /// <summary>A cache with the default limit whose file lies with the system's temporary files.</summary>
    public static PixelCache Default() => new(DefaultMaxBytes, Path.GetTempPath());

    /// <exception cref="IOException">The disk is full, or the folder cannot be written.</exception>
    public CachedPixels Store(byte[] pixels)
    {
        long offset;
        SafeFileHandle handle;
        lock (_places)
        {
            if (HeldBytes + pixels.Length <= maxBytes)
            {
                HeldBytes += pixels.Length;
                return new(pixels);
            }

            handle = _file ??= Open(folder);
            offset = FileBytes;
            FileBytes += pixels.Length;
        }

        RandomAccess.Write(handle, pixels, offset);
        return new(handle, offset, pixels.Length);
    }

    // Patients' pixels must not outlive the process: the file loses its name at once where the system allows that.
    static SafeFileHandle Open(string folder)
    {
        var path = Path.Combine(folder, $"covidcxr-pixels-{Guid.NewGuid():N}.tmp");
        var isWindows = OperatingSystem.IsWindows();
        var handle = File.OpenHandle(
            path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, isWindows ? FileOptions.DeleteOnClose : FileOptions.None);
        if (!isWindows)
        {
            File.Delete(path);
        }

        return handle;
    }
}
