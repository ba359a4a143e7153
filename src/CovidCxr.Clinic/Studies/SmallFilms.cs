using CovidCxr.Domain.Collections;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Preprocessing;

namespace CovidCxr.Clinic.Studies;

/// <summary>
/// Films at 192 pixels and 8 bits, through the window that the viewer opens with. Of films that were analysed or looked at last they are
/// here; the others are made of their files.
/// </summary>
public sealed class SmallFilms(StoredScans scans)
{
    public const int LongSide = 192;

    /// <summary>A day's films, and some pages of thumbnails: 37 MB at most.</summary>
    const int Kept = 500;

    // As the viewer's "film" preset.
    const double Low = 0.01, High = 0.99;

    readonly RecentItems<string, GreyImage> _small = new(Kept);

    /// <summary>Null where the file is gone or can no longer be decoded.</summary>
    public async Task<GreyImage?> FindAsync(string key, CancellationToken cancellation)
    {
        if (_small.TryGet(key, out var known))
        {
            return known;
        }

        return await scans.FindAsync(key, cancellation) is { } image ? Keep(key, image) : null;
    }

    /// <summary>Of a film that is decoded anyway, and that somebody may look at soon.</summary>
    public void Prepare(string key, GreyImage image)
    {
        if (!_small.TryGet(key, out _))
        {
            Keep(key, image);
        }
    }

    GreyImage Keep(string key, GreyImage image)
    {
        var small = Shrink(image);
        _small.Put(key, small);
        return small;
    }

    static GreyImage Shrink(GreyImage image)
    {
        var scale = Math.Min(1, (double)LongSide / Math.Max(image.Width, image.Height));
        var (width, height) = (Math.Max(1, (int)(image.Width * scale)), Math.Max(1, (int)(image.Height * scale)));
        var samples = Resizer.Resize(
            Array.ConvertAll(image.Samples, s => (float)s / image.MaxSample), image.Width, image.Height, width, height);
        float[] inOrder = [.. samples.Order()];
        var (low, high) = (inOrder[(int)(Low * (samples.Length - 1))], inOrder[(int)(High * (samples.Length - 1))]);
        var range = Math.Max(high - low, 1f / image.MaxSample);
        return new(width, height, 8, Array.ConvertAll(samples, s => (ushort)Math.Round(Math.Clamp((s - low) / range, 0f, 1f) * 255)));
    }
}
