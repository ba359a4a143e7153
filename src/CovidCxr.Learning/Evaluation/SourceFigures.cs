namespace CovidCxr.Learning.Evaluation;

/// <summary>The figures of one source.</summary>
/// <param name="WasTrainedOn">Whether the model, or one that it started from, was trained on this source; if not, this is what it does on
/// films from elsewhere.</param>
/// <param name="Figures">Without the images that were seen in training.</param>
public sealed record SourceFigures(string Source, bool WasTrainedOn, FigureSet Figures)
{
    /// <summary>Images of it that were seen in training, and are no part of the figures.</summary>
    public int SeenInTraining { get; init; }
}
