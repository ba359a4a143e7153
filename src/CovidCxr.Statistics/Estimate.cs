namespace CovidCxr.Statistics;

/// <summary>
/// A number with its 95% interval, or the reason why there is none. Never NaN.
/// </summary>
/// <param name="Value">Null where the number is not defined.</param>
/// <param name="Lower">Lower end of the interval; null where none is known.</param>
/// <param name="Upper">Upper end of the interval; null where none is known.</param>
/// <param name="Count">What it is based on: the denominator, or the number of cases.</param>
/// <param name="Method">How the interval was made, or why there is no value.</param>
public sealed record Estimate(double? Value, double? Lower, double? Upper, int Count, string Method)
{
    public static Estimate Undefined(int count, string reason) => new(null, null, null, count, reason);
}
