using CovidCxr.Imaging.Decoding;

namespace CovidCxr.Imaging.Phantoms;

/// <summary>The word PHANTOM in the lower left corner, so that no drawn film is ever taken for a patient's.</summary>
public static class PhantomMark
{
    const double Bright = 0.8, MostDots = 0.9, MostGaps = 0.5;

    // P H A N T O M, 5 columns x 7 rows each, one string per row.
    static readonly string[] Rows =
    [
        "####. #...# .###. #...# ##### .###. #...#",
        "#...# #...# #...# ##..# ..#.. #...# ##.##",
        "#...# #...# #...# #.#.# ..#.. #...# #.#.#",
        "####. ##### ##### #..## ..#.. #...# #...#",
        "#.... #...# #...# #...# ..#.. #...# #...#",
        "#.... #...# #...# #...# ..#.. #...# #...#",
        "#.... #...# #...# #...# ..#.. .###. #...#",
    ];

    /// <summary>
    /// Whether the word stands in a film where <see cref="PhantomDrawer"/> writes it: nearly all of its dots bright, and most between them
    /// darker, as a JPEG keeps them too.
    /// </summary>
    public static bool IsOn(GreyImage film)
    {
        var dot = Math.Max(1, film.Width / 256);
        var (left, top, right) = (4 * dot, film.Height - (11 * dot), (4 + Rows[0].Length) * dot);
        if (film.Width != film.Height || right > film.Width || top < 0)
        {
            return false;
        }

        int dots = 0, bright = 0, gaps = 0, dark = 0;
        for (var row = 0; row < Rows.Length * dot; row++)
        {
            for (var column = 0; column < Rows[0].Length * dot; column++)
            {
                var isBright = film.Samples[((top + row) * film.Width) + left + column] >= Bright * film.MaxSample;
                var isDot = Rows[row / dot][column / dot] == '#';
                (dots, bright) = (dots + (isDot ? 1 : 0), bright + (isDot && isBright ? 1 : 0));
                (gaps, dark) = (gaps + (isDot ? 0 : 1), dark + (isDot || isBright ? 0 : 1));
            }
        }

        return bright >= MostDots * dots && gaps - dark <= MostGaps * gaps;
    }

    internal static void Burn(ushort[] samples, int size, ushort value)
    {
        var dot = Math.Max(1, size / 256);
        var (left, top) = (4 * dot, size - (11 * dot));
        for (var row = 0; row < Rows.Length * dot; row++)
        {
            for (var column = 0; column < Rows[0].Length * dot; column++)
            {
                if (Rows[row / dot][column / dot] == '#' && left + column < size)
                {
                    samples[((top + row) * size) + left + column] = value;
                }
            }
        }
    }
}
