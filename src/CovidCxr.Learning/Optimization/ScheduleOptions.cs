namespace CovidCxr.Learning.Optimization;

public enum ScheduleShape
{
    /// <summary>Linear up, linear down.</summary>
    Triangle,

    /// <summary>Half a cosine up, half a cosine down.</summary>
    Cosine,

    /// <summary>The traditional baseline: one rate and one momentum for every layer and iteration.</summary>
    Constant,
}

public enum CycleLength
{
    Epoch,

    /// <summary>One cycle over the whole run.</summary>
    Run,
}

public enum MomentumMode
{
    /// <summary>Rises and falls with the rate: the paper.</summary>
    WithRate,

    /// <summary>Falls while the rate rises: Smith, fastai.</summary>
    Inverse,
}

/// <summary>What counts as one step of the ladder from the first layer to the head.</summary>
public enum LayerGrouping
{
    /// <summary>Every parameterised layer.</summary>
    Layer,

    /// <summary>Stem, each residual or dense stage, head.</summary>
    Stage,
}

/// <summary>How rate and momentum move (Adedigba et al. 2021, eq. 3-8). Defaults are the paper's for DenseNet169.</summary>
/// <param name="MinRate">amin, above 0; the first layer stays near it.</param>
/// <param name="MaxRate">amax, at least MinRate; the head's ceiling, and the rate of the constant schedule.</param>
/// <param name="MinMomentum">0 to below 1.</param>
/// <param name="MaxMomentum">MinMomentum to below 1; the momentum of the constant schedule.</param>
/// <param name="Rise">p: the share of the cycle in which the rate rises, between 0 and 1.</param>
/// <param name="Grouping">What l counts in a_l and m_l.</param>
/// <param name="FinalRate">Where every layer's rate falls to with one cycle over the run, above 0 and at most amin (Smith and Topin 2019,
/// arXiv:1708.07120: the end of one cycle lies far below its beginning); null for amin.</param>
public sealed record ScheduleOptions(
    ScheduleShape Shape = ScheduleShape.Triangle, CycleLength Cycle = CycleLength.Epoch, double MinRate = 1e-4, double MaxRate = 1e-2,
    double MinMomentum = 0.79, double MaxMomentum = 0.9, double Rise = 0.3, MomentumMode Momentum = MomentumMode.WithRate,
    LayerGrouping Grouping = LayerGrouping.Layer, double? FinalRate = null)
{
    /// <exception cref="ArgumentException">A value is out of range; the message names it.</exception>
    public void Validate()
    {
        Check(MinRate > 0 && MinRate <= MaxRate && double.IsFinite(MaxRate), "schedule.minRate and maxRate must be above 0 and in order");
        Check(
            MinMomentum >= 0 && MinMomentum <= MaxMomentum && MaxMomentum < 1,
            "schedule.minMomentum and maxMomentum must be 0 to below 1 and in order");
        Check(Rise is > 0 and < 1, "schedule.rise must lie between 0 and 1");
        Check(FinalRate is null || (FinalRate > 0 && FinalRate <= MinRate), "schedule.finalRate must be above 0, at most minRate");
        Check(
            FinalRate is null || (Cycle == CycleLength.Run && Shape != ScheduleShape.Constant),
            "schedule.finalRate needs one cycle over the run");
    }

    static void Check(bool isRight, string rule)
    {
        if (!isRight)
        {
            throw new ArgumentException(rule + ".");
        }
    }
}
