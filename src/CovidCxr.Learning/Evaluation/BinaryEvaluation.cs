using CovidCxr.Learning.Checkpoints;
using CovidCxr.Statistics;
using CovidCxr.Statistics.Calibration;
using CovidCxr.Statistics.Discrimination;

namespace CovidCxr.Learning.Evaluation;

/// <summary>The positive class against all others, at one threshold, on one part of the data (Adedigba et al. 2021, section 5).</summary>
public sealed record BinaryEvaluation(string Part, double Threshold, ConfusionCounts Counts, RocCurve Roc, ReliabilityDiagram Reliability)
{
    public static BinaryEvaluation Of(string part, IReadOnlyList<Prediction> predictions, int positiveClass, double threshold)
    {
        var scores = predictions.Select(p => (double)p.Probabilities[positiveClass]).ToArray();
        var truth = predictions.Select(p => p.Sample.Class == positiveClass).ToArray();
        return new(
            part, threshold, ConfusionCounts.At(threshold, scores, truth), RocCurve.Of(scores, truth),
            ReliabilityDiagram.Of(scores, truth));
    }

    /// <summary>The figures that a model's card carries; what is undefined here is left out.</summary>
    public IEnumerable<MeasuredFigure> Metrics()
    {
        (string Name, Estimate Estimate)[] all =
        [
            ("accuracy", Counts.Accuracy), ("sensitivity", Counts.Sensitivity), ("specificity", Counts.Specificity),
            ("positive predictive value", Counts.PositivePredictiveValue), ("negative predictive value", Counts.NegativePredictiveValue),
            ("area under the ROC curve", Roc.Area),
        ];
        return from metric in all
               where metric.Estimate.Value is not null
               let e = metric.Estimate
               select new MeasuredFigure(Part, metric.Name, e.Value!.Value, e.Lower, e.Upper, e.Count, e.Method);
    }
}
