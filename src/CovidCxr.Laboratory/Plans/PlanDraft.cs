namespace CovidCxr.Laboratory.Plans;

/// <summary>A plan while somebody writes it.</summary>
public sealed class PlanDraft
{
    public string Change { get; set; } = "";

    public PlannedMetric Metric { get; set; }

    /// <summary>Of area or sensitivity, 0..1.</summary>
    public double Margin { get; set; } = 0.05;

    /// <summary>Sources, separated by commas; empty for none.</summary>
    public string HeldOut { get; set; } = "";

    public string Why { get; set; } = "";

    internal IReadOnlyList<string> HeldOutSources => [
        .. HeldOut.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)];
}
