namespace CovidCxr.Learning.Checkpoints;

/// <summary>
/// One figure of a model's card with its 95% interval. An Estimate's values lie flat in it, because they do so in every model file's
/// header.
/// </summary>
/// <param name="Part">The part of the data that it was measured on.</param>
/// <param name="Name">Such as sensitivity.</param>
/// <param name="Lower">Lower end of the 95% interval.</param>
/// <param name="Upper">Upper end of the 95% interval.</param>
/// <param name="Count">The denominator.</param>
/// <param name="Method">How the interval was made, such as Wilson.</param>
public sealed record MeasuredFigure(string Part, string Name, double Value, double? Lower, double? Upper, int Count, string Method);
