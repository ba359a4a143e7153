using CovidCxr.Learning.Data;
using CovidCxr.Learning.Evaluation;

namespace CovidCxr.Learning.Tests.Evaluation;

/// <summary>Cases of two classes, 0 the positive one, decided at 0.5, without images behind them.</summary>
static class Cases
{
    /// <param name="group">Patient or duplicates.</param>
    public static EvaluatedCase Of(string path, bool isSick, double score, int group)
    {
        var label = isSick ? 0 : 1;
        var file = new LabelledFile(path, isSick ? "COVID-19" : "Other", $"patient {group}", "films");
        var sample = new Sample(new(file, path, default, new CachedPixels([]), 1, 1, default), label, group, DataPart.Test);
        float[] probabilities = [(float)score, (float)(1 - score)];
        return EvaluatedCase.Of(
            new Prediction(sample, probabilities, -Math.Log(probabilities[label])), score >= 0.5 ? 0 : 1, GroupBy.Patient);
    }
}
