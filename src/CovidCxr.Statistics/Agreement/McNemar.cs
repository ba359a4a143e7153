namespace CovidCxr.Statistics.Agreement;

/// <summary>
/// Whether two paired decisions are right equally often (McNemar 1947): only the cases count in which one of the two is right, such as a
/// reader's calls before and after the model was shown. For independent cases.
/// </summary>
/// <param name="OnlyFirst">Cases in which the first alone is right.</param>
/// <param name="OnlySecond">Cases in which the second alone is right.</param>
/// <param name="ExactP">Two-sided binomial p value, 0..1; 1 without such cases.</param>
/// <param name="ChiSquared">With continuity correction (Edwards 1948); null without such cases.</param>
/// <param name="ChiSquaredP">Its p value, one degree of freedom; good from about 25 such cases on.</param>
public sealed record McNemar(int OnlyFirst, int OnlySecond, double ExactP, double? ChiSquared, double? ChiSquaredP)
{
    /// <param name="onlyFirst">At least 0.</param>
    /// <param name="onlySecond">At least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative.</exception>
    public static McNemar Of(int onlyFirst, int onlySecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(onlyFirst);
        ArgumentOutOfRangeException.ThrowIfNegative(onlySecond);
        var n = onlyFirst + onlySecond;
        if (n == 0)
        {
            return new(0, 0, 1, null, null);
        }

        var distance = Math.Max(0, Math.Abs(onlyFirst - onlySecond) - 1.0);
        var chi = distance * distance / n;
        return new(
            onlyFirst, onlySecond, Math.Min(1, 2 * LowerHalf(Math.Min(onlyFirst, onlySecond), n)), chi,
            SpecialFunctions.ChiSquaredTail(chi, 1));
    }

    // P(X <= count) of n throws of a fair coin.
    static double LowerHalf(int count, int n)
    {
        var sum = 0.0;
        for (var i = 0; i <= count; i++)
        {
            sum += Math.Exp(SpecialFunctions.LogGamma(n + 1.0) - SpecialFunctions.LogGamma(i + 1.0) - SpecialFunctions.LogGamma(
                n - i + 1.0) - (n * Math.Log(2)));
        }

        return sum;
    }
}
