namespace CovidCxr.Learning.Optimization;

/// <summary>
/// Dynamic loss scaling for half precision (Micikevicius et al. 2018): starts at 2^16, halves when a gradient is not finite (the step is
/// skipped), doubles after 2000 good steps in a row. bfloat16 and float32 need none and keep a scale of 1.
/// </summary>
public sealed class LossScaler(bool isDynamic)
{
    public const int GrowthInterval = 2000;

    public double Scale { get; set; } = isDynamic ? 65536 : 1;

    public int GoodSteps { get; set; }

    public int SkippedSteps { get; set; }

    /// <summary>Notes whether all gradients of a step were finite.</summary>
    /// <returns>Whether the step may be taken.</returns>
    public bool Note(bool isFinite)
    {
        if (!isFinite)
        {
            SkippedSteps++;
            GoodSteps = 0;
            Scale = isDynamic ? Math.Max(Scale / 2, 1) : 1;
            return false;
        }

        if (isDynamic && ++GoodSteps == GrowthInterval)
        {
            GoodSteps = 0;
            Scale *= 2;
        }

        return true;
    }
}
