namespace CovidCxr.Imaging.Phantoms;

/// <summary>The word PHANTOM in the lower left corner, so that no drawn film is ever taken for a patient's.</summary>
static class PhantomMark
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

    public static void Burn(ushort[] samples, int size, ushort value)
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
