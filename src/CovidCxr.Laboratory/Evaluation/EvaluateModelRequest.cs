using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Gate;

namespace CovidCxr.Laboratory.Evaluation;

/// <param name="ModelPath">A model file of this project.</param>
/// <param name="DataFolder">Where the sources' paths start.</param>
public sealed record EvaluateModelRequest(string ModelPath, string DataFolder)
{
    /// <summary>
    /// A run's JSON whose data are evaluated, all of them as test; null for the data that the model was trained on, divided as then.
    /// </summary>
    public string? ConfigurationPath { get; init; }

    /// <summary>Null for the test part, or the validation part where there is no test part.</summary>
    public EvaluatedPart? Part { get; init; }

    /// <summary>Gets the report as one HTML file; null for none.</summary>
    public string? ReportPath { get; init; }

    /// <summary>Puts the most confused images into the report, which then carries patients' images wherever it goes.</summary>
    public bool WithImages { get; init; }

    /// <summary>Gets what the model said of every image as CSV; null for none.</summary>
    public string? ScoresPath { get; init; }

    /// <summary>Another model file, such as the active one's, that is put beside it on the same films; null for none.</summary>
    public string? RivalPath { get; init; }

    /// <summary>Of non-inferiority to that model, as planned; null for the gate's own.</summary>
    public double? Margin { get; init; }

    /// <summary>Writes the figures into the model file, as its card.</summary>
    public bool WritesCard { get; init; }

    /// <summary>Gets the most confused images with their heat maps as PNG files; null for none.</summary>
    public string? PictureFolder { get; init; }
}

public enum EvaluatedPart
{
    Test,
    Validation,
    All,
}

public abstract record EvaluateModelResult
{
    private EvaluateModelResult()
    {
    }

    /// <param name="Json">The whole report.</param>
    /// <param name="Statements">What a reader must know to judge the figures.</param>
    /// <param name="Gate">What the gate says of it.</param>
    public sealed record Measured(
        string Json, IReadOnlyList<MeasuredFigure> Figures, IReadOnlyList<string> Statements, GateReport Gate) : EvaluateModelResult;

    public sealed record Refused(string Message) : EvaluateModelResult;
}
