using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Rendering;

namespace Benchmarks;

/// <summary>
/// Films of 2048 x 2048 pixels and 16 bits as PNG files. One phantom is drawn, which takes seconds; every film is that one rolled by its
/// number of pixels down to the rows of its mark, so that no two are alike to the pixel and all are equally hard to decode.
/// </summary>
static class BenchmarkFilms
{
    const int Side = 2048, MarkRows = 128, Rolled = Side * (Side - MarkRows);
    static readonly Lazy<GreyImage> Phantom = new(() => PhantomDrawer.Draw(PhantomKind.BilateralOpacities, 1, Side, 16));

    /// <param name="number">1 to 3.9 million; same number, same film.</param>
    public static byte[] Png(int number) => PngEncoder.Encode(Film(number));

    /// <param name="number">As above.</param>
    public static GreyImage Film(int number)
    {
        var drawn = Phantom.Value.Samples;
        return new(Side, Side, 16, [.. drawn[number..Rolled], .. drawn[..number], .. drawn[Rolled..]]);
    }

    /// <summary>Films from a number on.</summary>
    public static IReadOnlyList<byte[]> Pngs(int first, int count) =>
        [.. Enumerable.Range(first, count).AsParallel().AsOrdered().Select(Png)];
}
