using CovidCxr.Imaging.Decoding;

namespace CovidCxr.Clinic.Studies;

/// <summary>
/// Scans on their way from upload to analysis, so that a film is decoded once and not twice. Bounded, the oldest goes first; what is not here
/// (another process's upload, a restart) is decoded from its file.
/// </summary>
/// <param name="limit">Bytes of samples that may wait here.</param>
public sealed class DecodedScans(long limit = DecodedScans.DefaultLimit)
{
    public const long DefaultLimit = 128L * 1024 * 1024;

    readonly LinkedList<(string Key, GreyImage Image)> scans = new();
    long bytes;

    public void Put(string key, GreyImage image)
    {
        lock (scans)
        {
            scans.AddLast((key, image));
            bytes += Size(image);
            while (bytes > limit && scans.First is { } oldest)
            {
                Remove(oldest);
            }
        }
    }

    /// <summary>The scan, which is gone from here then; null where it is not here.</summary>
    public GreyImage? Take(string key)
    {
        lock (scans)
        {
            for (var node = scans.First; node is not null; node = node.Next)
            {
                if (node.Value.Key == key)
                {
                    Remove(node);
                    return node.Value.Image;
                }
            }

            return null;
        }
    }

    void Remove(LinkedListNode<(string Key, GreyImage Image)> node)
    {
        scans.Remove(node);
        bytes -= Size(node.Value.Image);
    }

    static long Size(GreyImage image) => sizeof(ushort) * (long)image.Samples.Length;
}
