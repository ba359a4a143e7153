using CovidCxr.Statistics;
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
        McNemar.Of(onlyFirst: switches[(int)SwitchKind.Misled], onlySecond: switches[(int)SwitchKind.Corrected]));

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
        readonly Dictionary<PairCell, int> counts = [];

        public OperatingPoint Point => new(Reported(Confusion.Sensitivity), Reported(Confusion.Specificity));

        ConfusionCounts Confusion => new(
            TruePositive: Of(PairCell.Both), FalseNegative: Of(PairCell.OnlySecond), FalsePositive: Of(PairCell.OnlyFirst), TrueNegative: Of(PairCell.Neither));

        public void Add(bool? call, bool truth, int patient)
        {
            if (call is not { } isPositive)
            {
                return;
            }

            patients.Add(patient);
            var cell = PairCells.Of(isPositive, truth);
            counts[cell] = Of(cell) + 1;
        }

        int Of(PairCell cell) => counts.GetValueOrDefault(cell);

        Estimate Reported(Estimate share) => ReportedEstimates.Reported(share, patients.Count);
    }
}
