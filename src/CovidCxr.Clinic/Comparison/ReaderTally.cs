using CovidCxr.Statistics.Agreement;
using CovidCxr.Statistics.Discrimination;

namespace CovidCxr.Clinic.Comparison;

/// <summary>What is counted of one reader, or of all, in one pass over the cases.</summary>
sealed class ReaderTally
{
    readonly int[] switches = new int[Enum.GetValues<SwitchKind>().Length];
    readonly Against blind = new(), final = new();
    int readings, toModel, revealed;

    public static (SwitchCounts All, List<ReaderFigures> Readers) Of(List<ReaderCase> cases)
    {
        var all = new ReaderTally();
        Dictionary<Guid, ReaderTally> readers = [];
        foreach (var c in cases)
        {
            if (!readers.TryGetValue(c.ReaderId, out var reader))
            {
                readers.Add(c.ReaderId, reader = new());
            }

            reader.Add(c);
            all.Add(c);
        }

        return (all.Switches, [.. readers.Select(r => new ReaderFigures(r.Key, "", r.Value.readings, r.Value.Switches, r.Value.blind.Point, r.Value.final.Point))]);
    }

    SwitchCounts Switches => new(
        switches[(int)SwitchKind.Corrected], switches[(int)SwitchKind.Misled], switches[(int)SwitchKind.Unsettled], toModel, revealed,
        McNemar.Of(switches[(int)SwitchKind.Misled], switches[(int)SwitchKind.Corrected]));

    void Add(in ReaderCase c)
    {
        readings++;
        revealed += c.IsRevealed ? 1 : 0;
        if (c.Switch is { } kind)
        {
            switches[(int)kind]++;
            toModel += c.Call(Party.Final) == c.IsModelPositive ? 1 : 0;
        }

        if (c.Call(Party.Reference) is { } truth)
        {
            blind.Add(c.Call(Party.Blind), truth, c.Patient);
            final.Add(c.Call(Party.Final), truth, c.Patient);
        }
    }

    /// <summary>An opinion against the reference.</summary>
    sealed class Against
    {
        readonly HashSet<int> patients = [];
        int truePositives, falsePositives, falseNegatives, trueNegatives;

        public OperatingPoint Point => new(
            PairBootstrap.Said(Wilson.Proportion(truePositives, truePositives + falseNegatives), patients.Count), PairBootstrap.Said(Wilson.Proportion(trueNegatives, falsePositives + trueNegatives), patients.Count));

        public void Add(bool? call, bool truth, int patient)
        {
            if (call is not { } isPositive)
            {
                return;
            }

            patients.Add(patient);
            truePositives += isPositive && truth ? 1 : 0;
            falsePositives += isPositive && !truth ? 1 : 0;
            falseNegatives += !isPositive && truth ? 1 : 0;
            trueNegatives += !isPositive && !truth ? 1 : 0;
        }
    }
}
