using NetVips;

namespace CovidCxr.Imaging.Decoding;

/// <summary>Sets libvips up once per process: three loaders, no cache that outlives an image, warnings to whoever decodes.</summary>
static class VipsLibrary
{
    static readonly string[] AllowedLoaders = ["VipsForeignLoadPng", "VipsForeignLoadJpeg", "VipsForeignLoadTiff"];

    // libvips warns on the thread that asks it for pixels, so what a thread hears is about the file that it reads.
    [ThreadStatic]
    static List<string>? Warnings;

    static readonly Lazy<bool> Ready = new(() =>
    {
        Operation.Block("VipsForeignLoad", true);
        foreach (var loader in AllowedLoaders)
        {
            Operation.Block(loader, false);
        }

        // Each scan is decoded once: a cache of operations would only keep patients' pixels in memory.
        Cache.Max = 0;

        // Never to the console: a warning may quote the file.
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.All, (_, _, message) => Warnings?.Add(message));
        return true;
    });

    public static void EnsureReady() => _ = Ready.Value;

    /// <summary>Starts an empty list of what libvips warns of on this thread.</summary>
    public static List<string> Listen() => Warnings = [];

    public static void StopListening() => Warnings = null;
}
