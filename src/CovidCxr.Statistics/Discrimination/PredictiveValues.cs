using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Statistics.Discrimination;

/// <summary>
/// What a positive and a negative call are worth where the disease is as frequent as said, by Bayes' rule from sensitivity and specificity:
/// a study's own predictive values hold at the study's prevalence alone.
/// </summary>
public sealed record PredictiveValues(double Prevalence, Estimate Positive, Estimate Negative)
{
    /// <summary>
    /// For the bootstrap: functions of the counts of true positives, false negatives, false positives and true negatives, in this order.
    /// </summary>
    /// <param name="prevalence">Above 0 and below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">prevalence is not inside 0..1.</exception>
    public static (TotalStatistic Positive, TotalStatistic Negative) Statistics(double prevalence)
    {
        Check(prevalence);
        return (new(t => Of(t, WorthOfPositive)), new(t => Of(t, WorthOfNegative)));

        double? Of(ReadOnlySpan<double> t, Func<double, double, double, double?> value) =>
            t[0] + t[1] > 0 && t[2] + t[3] > 0 ? value(t[0] / (t[0] + t[1]), t[3] / (t[2] + t[3]), prevalence) : null;
    }

    static double? WorthOfPositive(double se, double sp, double prevalence) => Share(se * prevalence, (1 - sp) * (1 - prevalence));

    static double? WorthOfNegative(double se, double sp, double prevalence) => Share(sp * (1 - prevalence), (1 - se) * prevalence);

    static double? Share(double right, double wrong) => right + wrong > 0 ? right / (right + wrong) : null;

    static void Check(double prevalence)
    {
        if (prevalence is not (> 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(prevalence), "A prevalence lies above 0 and below 1.");
        }
    }
}
