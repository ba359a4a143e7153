using System.Globalization;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Gate;
using CovidCxr.Statistics;

namespace CovidCxr.Laboratory.Plans;

/// <summary>What a plan's own figure says of the version that came of it, beside the active one on the same films.</summary>
/// <param name="IsKept">Whether it is surely within the margin. Null where no result compares the two: then nobody knows.</param>
public sealed record PlanJudgement(bool? IsKept, string Words)
{
    /// <param name="results">Of the gate, newest first.</param>
    /// <param name="active">The active version's file, by its hash.</param>
    internal static PlanJudgement Of(TrainingPlan plan, IReadOnlyList<GateReport> results, string active)
    {
        var compared = results.Select(r => r.Rival).OfType<RivalFigures>().Where(r => r.Sha256 == active).ToList();
        var figure = plan.Metric == PlannedMetric.Area ? "area under the ROC curve" : "sensitivity";
        if (compared.Count == 0)
        {
            return new(null, $"By its plan's figure, {figure}, it was not compared with the active version.");
        }

        var verdicts = compared.ConvertAll(r => ModelGate.Within(Gained(plan, r), r.Fewest, plan.Margin));
        // Surely worse somewhere is worse; else it has to be shown somewhere that it is not.
        var verdict = verdicts.Contains(GateVerdict.Refused) ? GateVerdict.Refused
            : verdicts.Contains(GateVerdict.Passed) ? GateVerdict.Passed
            : GateVerdict.NotKnown;
        var rival = compared[verdicts.IndexOf(verdict)];
        var found = string.Create(
            CultureInfo.InvariantCulture,
            $"By its plan's figure, {figure}, it differs from the active version by {ModelGate.Signed(Gained(plan, rival))} on ")
            + string.Create(CultureInfo.InvariantCulture, $"{rival.Films} films");
        var margin = plan.Margin.ToString(CultureInfo.InvariantCulture);
        return verdict switch
        {
            GateVerdict.Passed => new(true, $"{found}: surely within the plan's margin of {margin}."),
            GateVerdict.Refused => new(false, $"{found}: surely worse than the plan's margin of {margin} allows."),
            _ => new(
                false,
                $"{found}: not surely within the plan's margin of {margin}. Evaluate it on more films that neither was trained on."),
        };
    }

    static Estimate Gained(TrainingPlan plan, RivalFigures rival) =>
        plan.Metric == PlannedMetric.Area ? rival.AreaGained : rival.SensitivityGained;
}
