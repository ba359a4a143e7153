using CovidCxr.Imaging.Decoding;

namespace CovidCxr.Imaging.Phantoms;

/// <summary>The word PHANTOM in the lower left corner, so that no drawn film is ever taken for a patient's.</summary>
public static class PhantomMark
{
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

    /// <summary>Whether the word stands in a film, dot for dot, as <see cref="PhantomDrawer"/> wrote it.</summary>
    public static bool IsOn(GreyImage film)
    {
        var dot = Math.Max(1, film.Width / 256);
        var (left, top, right) = (4 * dot, film.Height - (11 * dot), (4 + Rows[0].Length) * dot);
        return film.Width == film.Height && right <= film.Width && top >= 0 && Rows.Select((text, row) => (text, row)).All(
            line => Enumerable.Range(0, Rows[0].Length * dot).All(
                column => line.text[column / dot] != '#'
                    || film.Samples[((top + (line.row * dot)) * film.Width) + left + column] == film.MaxSample));
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
