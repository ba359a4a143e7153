using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;

namespace CovidCxr.Learning.Evaluation;

/// <summary>An image that a model has answered for.</summary>
/// <param name="Decided">The class that the model's threshold decides for.</param>
/// <param name="Cluster">Images of one patient share it, also where they were divided by image.</param>
public sealed record EvaluatedCase(Prediction Prediction, int Decided, string Cluster)
{
    public int Truth => Prediction.Sample.Class;

    public bool IsRight => Decided == Truth;

    public LabelledFile File => Prediction.Sample.Image.File;

    public static EvaluatedCase Of(Prediction prediction, ModelHeader header, GroupBy groupedBy) =>
        Of(prediction, header.Decide(prediction.Probabilities), groupedBy);

    public static EvaluatedCase Of(Prediction prediction, int decided, GroupBy groupedBy)
    {
        // A group joins a patient's images and duplicates of them; divided by image, there is only the patient.
        var sample = prediction.Sample;
        return new(prediction, decided, groupedBy == GroupBy.Patient ? $"group {sample.Group}" : sample.Image.File.Patient);
    }
}
