using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Statistics.Discrimination;

/// <summary>
/// Reads the estimates of a resampling for a reader: a figure of too few cases or patients is said to be one, and its value is left out.
/// </summary>
/// <param name="Estimates">What the resampling found.</param>
/// <param name="Patients">The clusters that the figures rest on, at least 0.</param>
public readonly record struct ReportedEstimates(BootstrapEstimates Estimates, int Patients)
{
    /// <summary>With fewer cases a share says nothing of the next one: 4 of 4 is no 100%.</summary>
    public const int FewestCases = 10;

    /// <summary>Any figure.</summary>
    public Estimate this[FigureHandle figure] => Reported(Estimates[figure], Patients);

    /// <summary>
    /// A share of cases. Where all resamples agree that it is 0 or 1 it has Wilson's interval, by the patients of those cases.
    /// </summary>
    public Estimate Share(FigureHandle figure) => this[figure] is { Value: 0 or 1, Lower: null } share
        ? Wilson.WhereAllAgree(share, figure.Set is TotalStatistics sums ? sums.ClustersOf(figure) : Patients)
        : this[figure];

    /// <summary>The estimate, or that it rests on too few cases or patients.</summary>
    /// <param name="patients">At least 0.</param>
    public static Estimate Reported(Estimate estimate, int patients) => estimate switch
    {
        { Count: 0 } => Estimate.Undefined(0, "no cases"),
        { Count: < FewestCases } => Estimate.Undefined(estimate.Count, $"too few: {estimate.Count} of at least {FewestCases} cases"),
        _ when patients < BootstrapPlan.DefaultMinimumClusters =>
            Estimate.Undefined(estimate.Count, $"too few: {patients} of at least {BootstrapPlan.DefaultMinimumClusters} patients"),
        _ => estimate,
    };
}
