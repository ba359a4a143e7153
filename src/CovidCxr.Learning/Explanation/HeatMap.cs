using CovidCxr.Imaging.Lungs;

namespace CovidCxr.Learning.Explanation;

/// <summary>
/// Where a network looked: Height x Width values in 0..1, row-major, the largest 1 (or all 0 where nothing spoke for the class).
/// </summary>
public sealed record HeatMap(float[] Values, int Width, int Height)
{
    // Finer than the cells of a network that sees a quarter of the film.
    const int FilmCells = 28;

    /// <summary>A map of a part of the film as one of the whole film: 0 where the network saw nothing.</summary>
    /// <param name="region">The part that this map covers.</param>
    public HeatMap OnFilm(FilmRegion region)
    {
        if (region == FilmRegion.Whole)
        {
            return this;
        }

        var values = new float[FilmCells * FilmCells];
        for (var i = 0; i < values.Length; i++)
        {
            var (row, column) = Math.DivRem(i, FilmCells);
            var x = (((column + 0.5) / FilmCells) - region.Left) / region.Width;
            var y = (((row + 0.5) / FilmCells) - region.Top) / region.Height;
            values[i] = x is >= 0 and <= 1 && y is >= 0 and <= 1 ? Grid.At(Values, Width, Height, x, y) : 0;
        }

        return new(values, FilmCells, FilmCells);
    }

    /// <summary>The part of the map's warmth that lies inside the lungs, 0..1; null where the map is cold.</summary>
    /// <param name="lungs">Of the same film.</param>
    public double? InsideOf(LungMask lungs)
    {
        double inside = 0, all = 0;
        for (var i = 0; i < Values.Length; i++)
        {
            var (row, column) = Math.DivRem(i, Width);
            all += Values[i];
            inside += Values[i] * lungs.At((column + 0.5) / Width, (row + 0.5) / Height);
        }

        return all > 0 ? inside / all : null;
    }
}
