using CovidCxr.Statistics;
using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Clinic.Shadow;

public enum VerdictKind
{
    /// <summary>The interval lies above 0.</summary>
    Better,

    /// <summary>The interval lies above the margin below 0.</summary>
    NotWorse,

    /// <summary>The interval lies below 0, and reaches below the margin.</summary>
    Worse,

    /// <summary>The interval is too wide for any of them.</summary>
    NotEnough,
}

/// <summary>What a paired difference shows, and how many more cases would decide where it shows nothing.</summary>
/// <param name="More">Cases; 0 where it is decided, null where no interval says how many.</param>
public readonly record struct PairedVerdict(VerdictKind Kind, int? More)
{
    /// <summary>A difference that would need a narrower interval is as good as none.</summary>
    const double Least = 0.005;

    /// <param name="gained">The one's figure less the other's, with the interval of the difference.</param>
    /// <param name="margin">So much less is nothing to worry about, above 0.</param>
    public static PairedVerdict Of(Estimate gained, double margin)
    {
        if (gained.Value is not { } value)
        {
            return new(VerdictKind.NotEnough, null);
        }

        // Where none of n cases is called differently, at most 3 of n are (the rule of three: Hanley and Lippman-Hand 1983).
        var rare = gained.Method == ClusteredBootstrap.AllAgree ? 3.0 / Math.Max(1, gained.Count) : double.NaN;
        var (lower, upper) = (gained.Lower ?? value - rare, gained.Upper ?? value + rare);
        if (double.IsNaN(lower) || double.IsNaN(upper))
        {
            return new(VerdictKind.NotEnough, null);
        }

        if (lower > 0)
        {
            return new(VerdictKind.Better, 0);
        }

        if (lower > -margin)
        {
            return new(VerdictKind.NotWorse, 0);
        }

        if (upper < 0)
        {
            return new(VerdictKind.Worse, 0);
        }

        if (gained.Lower is null)
        {
            return new(VerdictKind.NotEnough, (int)Math.Ceiling(3 / margin) - gained.Count);
        }

        // The end that is nearer to its limit decides first: the lower one above the margin, or the upper one below 0.
        var (half, wanted) = value + margin >= -value ? (value - lower, value + margin) : (upper - value, -value);
        return new(VerdictKind.NotEnough, IntervalPlan.More(gained.Count, half, Math.Max(Least, wanted)));
    }

    /// <summary>To two digits: the interval promises no more.</summary>
    public static int About(int cases)
    {
        var step = 1;
        while (cases / step >= 100)
        {
            step *= 10;
        }

        return (int)Math.Min(int.MaxValue, (long)Math.Ceiling(cases / (double)step) * step);
    }
}
