using NetVips;

namespace CovidCxr.Imaging.Decoding;

/// <summary>Sets libvips up once per process: three loaders, no cache that outlives an image.</summary>
static class VipsLibrary
{
    static readonly string[] AllowedLoaders = ["VipsForeignLoadPng", "VipsForeignLoadJpeg", "VipsForeignLoadTiff"];

    static readonly Lazy<bool> Ready = new(() =>
    {
        Operation.Block("VipsForeignLoad", true);
        foreach (var loader in AllowedLoaders)
        {
            Operation.Block(loader, false);
        }

        // Each scan is decoded once: a cache of operations would only keep patients' pixels in memory.
        Cache.Max = 0;

        // Its warnings go to the console and may quote the file; what matters arrives as an exception.
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.All, (_, _, _) => { });
        return true;
    });

    public static void EnsureReady() => _ = Ready.Value;
}
