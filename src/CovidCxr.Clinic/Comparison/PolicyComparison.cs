using CovidCxr.Statistics;

namespace CovidCxr.Clinic.Comparison;

/// <summary>What a reader knew when the opinion was given.</summary>
public enum ReadingArm
{
    /// <summary>Blinded first, before the model was revealed.</summary>
    Before,

    /// <summary>Blinded first, after the reveal.</summary>
    After,

    /// <summary>The model's answer in sight from the start.</summary>
    Concurrent,
}

/// <param name="Readings">With an answer of the model; against the reference count those that called it COVID-19 or not, and whose study
/// has one.</param>
/// <param name="Agreement">The share equal to the reference.</param>
/// <param name="WithModel">The share equal to the model's call, reference or not.</param>
public sealed record ArmFigures(
    ReadingArm Arm, int Readings, int Readers, int Patients, Estimate Agreement, Estimate Sensitivity, Estimate Specificity, Estimate Kappa,
    Estimate WithModel);

/// <summary>Of each figure, that of the concurrent readings less that of <paramref name="From"/>.</summary>
public sealed record ArmDifference(
    ReadingArm From, Estimate Agreement, Estimate Sensitivity, Estimate Specificity, Estimate Kappa, Estimate WithModel);

/// <param name="IsByLot">Whether readings of days drawn by lot are compared, and no others; otherwise the department chose what was read
/// how.</param>
/// <param name="Asked">Readings left out because somebody was asked for them: blinded whatever the policy, of studies chosen for a
/// reason.</param>
/// <param name="Elsewhere">Readings left out because the policy was not by lot then, or the day's lot was the other.</param>
/// <param name="Disclosed">Readings left out because the reader had seen the answer on an earlier day.</param>
/// <param name="WithoutModel">Readings left out because there was no answer of the model.</param>
/// <param name="OfOtherDisease">Readings left out because the answer was a model's of another disease.</param>
/// <param name="Hidden">Readings left out because the person has not read their studies and must not learn the answers.</param>
public sealed record PolicyComparison(
    bool IsByLot, int Asked, int Elsewhere, int Disclosed, int WithoutModel, int OfOtherDisease, int Hidden, FilterChoices Choices,
    IReadOnlyList<ArmFigures> Arms, IReadOnlyList<ArmDifference> Differences)
{
    /// <summary>Among the studies under the filter, compared or left out.</summary>
    public WithheldStudies Withheld { get; init; } = WithheldStudies.None;

    public ArmFigures this[ReadingArm arm] => Arms.Single(a => a.Arm == arm);
}
