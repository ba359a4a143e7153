namespace CovidCxr.Learning.Evaluation;

/// <summary>The figures of one source.</summary>
/// <param name="WasTrainedOn">Whether the model has seen images of it; if not, this is what it does on films from elsewhere.</param>
public sealed record SourceFigures(string Source, bool WasTrainedOn, FigureSet Figures);

/// <summary>The same images as they are and with the lungs blacked out.</summary>
/// <param name="Reading">What the two mean, in words.</param>
public sealed record BlackedOutLungs(FigureSet Whole, FigureSet Blacked, string Reading);
