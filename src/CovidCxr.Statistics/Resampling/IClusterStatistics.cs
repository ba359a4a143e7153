namespace CovidCxr.Statistics.Resampling;

/// <summary>
/// Statistics that can be computed from how often each cluster counts, without reading the cases again: <see cref="TotalStatistics"/> for
/// anything that is a function of sums, <see cref="Discrimination.AreaStatistic"/> for the area under the ROC curve. Nothing changes in one
/// while it is resampled: several threads evaluate at once.
/// </summary>
public interface IClusterStatistics
{
    Clusters Clusters { get; }

    /// <summary>How many numbers this makes.</summary>
    int Count { get; }

    /// <summary>What the statistic is based on in the cases themselves: its denominator, or the number of cases.</summary>
    int CasesOf(int statistic);

    /// <param name="weights">How often each cluster counts: all 1 is the cases themselves.</param>
    /// <param name="values">Receives Count numbers; null where one is not defined.</param>
    void Evaluate(ReadOnlySpan<int> weights, Span<double?> values);

    /// <summary>The statistics of each of a block's resamples.</summary>
    /// <param name="block">What was drawn.</param>
    /// <param name="values">Receives Count numbers for each resample in turn; null where one is not defined.</param>
    void Evaluate(ResampleBlock block, Span<double?> values)
    {
        for (var resample = 0; resample < block.Count; resample++)
        {
            Evaluate(block[resample], values.Slice(resample * Count, Count));
        }
    }
}
