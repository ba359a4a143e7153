using CovidCxr.Learning.Checkpoints;

namespace CovidCxr.Laboratory.Training;

/// <summary>One figure of a model's card with its 95% interval.</summary>
public sealed record MeasuredFigure(string Part, string Name, double Value, double? Lower, double? Upper, int Count, string Method);
