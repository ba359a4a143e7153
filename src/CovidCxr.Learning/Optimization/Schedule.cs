namespace CovidCxr.Learning.Optimization;

/// <summary>Layer-wise cyclical rate and momentum as pure functions (Adedigba et al. 2021, eq. 3-8).</summary>
public static class Schedule
{
    /// <summary>tri(t): 0 at t = 0, 1 at t = rise * cycle, 0 at t = cycle.</summary>
    /// <param name="t">0 .. cycle.</param>
    /// <param name="cycle">T, above 0.</param>
    /// <param name="rise">p, between 0 and 1.</param>
    public static double Triangle(double t, double cycle, double rise) =>
        t <= rise * cycle ? t / (rise * cycle) : (cycle - t) / (cycle - (rise * cycle));

    /// <summary>The triangle smoothed: (1 - cos(pi tri)) / 2.</summary>
    public static double Cosine(double t, double cycle, double rise) => (1 - Math.Cos(Math.PI * Triangle(t, cycle, rise))) / 2;

    /// <summary>a_l = amin (amax / amin)^(l / (L - 1)): geometric from the first layer to the head.</summary>
    /// <param name="layer">l, 0 .. layers - 1.</param>
    /// <param name="layers">L; with one layer, that layer is the head.</param>
    public static double RateCeiling(int layer, int layers, double minRate, double maxRate) =>
        minRate * Math.Pow(maxRate / minRate, Depth(layer, layers));

    /// <summary>m_l = mmin + (mmax - mmin) l / (L - 1).</summary>
    public static double MomentumCeiling(int layer, int layers, double minMomentum, double maxMomentum) =>
        minMomentum + ((maxMomentum - minMomentum) * Depth(layer, layers));

    /// <summary>Rate and momentum of one layer at one iteration.</summary>
    /// <param name="iteration">Counted over the whole run, from 0.</param>
    /// <param name="epochIterations">Iterations of an epoch, at least 1.</param>
    /// <param name="runIterations">Iterations of the run, at least 1.</param>
    public static (double Rate, double Momentum) At(
        ScheduleOptions options, int layer, int layers, long iteration, long epochIterations, long runIterations)
    {
        if (options.Shape == ScheduleShape.Constant)
        {
            return (options.MaxRate, options.MaxMomentum);
        }

        var cycle = options.Cycle == CycleLength.Epoch ? epochIterations : runIterations;
        var t = iteration % cycle;
        var swing = options.Shape == ScheduleShape.Triangle ? Triangle(t, cycle, options.Rise) : Cosine(t, cycle, options.Rise);
        var momentumSwing = options.Momentum == MomentumMode.WithRate ? swing : 1 - swing;
        var floor = t > options.Rise * cycle ? options.FinalRate ?? options.MinRate : options.MinRate;
        var rate = floor + ((RateCeiling(layer, layers, options.MinRate, options.MaxRate) - floor) * swing);
        var momentum = options.MinMomentum
            + ((MomentumCeiling(layer, layers, options.MinMomentum, options.MaxMomentum) - options.MinMomentum) * momentumSwing);
        return (rate, momentum);
    }

    /// <summary>The number l of every layer's group, from 0, in forward order.</summary>
    /// <param name="stages">The stage of every layer, in forward order.</param>
    public static int[] Groups(IEnumerable<string> stages, LayerGrouping grouping)
    {
        var all = stages.ToList();
        var distinct = all.Distinct().ToList();
        return [.. all.Select((stage, layer) => grouping == LayerGrouping.Stage ? distinct.IndexOf(stage) : layer)];
    }

    static double Depth(int layer, int layers) => layers > 1 ? (double)layer / (layers - 1) : 1;
}
