namespace CovidCxr.Imaging.Lungs;

/// <summary>A rectangle in parts of a film's width and height: (0, 0, 1, 1) is the whole film. It may reach beyond the film.</summary>
/// <param name="Left">Of its left edge.</param>
/// <param name="Top">Of its upper edge.</param>
/// <param name="Width">Above 0.</param>
/// <param name="Height">Above 0.</param>
public readonly record struct FilmRegion(double Left, double Top, double Width, double Height)
{
    public static FilmRegion Whole { get; } = new(0, 0, 1, 1);
}
