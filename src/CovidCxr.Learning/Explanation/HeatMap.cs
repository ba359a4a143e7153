namespace CovidCxr.Learning.Explanation;

/// <summary>
/// Where a network looked: Height x Width values in 0..1, row-major, the largest 1 (or all 0 where nothing spoke for the class).
/// </summary>
public sealed record HeatMap(float[] Values, int Width, int Height);
