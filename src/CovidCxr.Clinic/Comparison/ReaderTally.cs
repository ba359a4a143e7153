using CovidCxr.Statistics;
using CovidCxr.Statistics.Agreement;
using CovidCxr.Statistics.Discrimination;

namespace CovidCxr.Clinic.Comparison;

/// <summary>What is counted of one reader, or of all, in one pass over the cases.</summary>
sealed class ReaderTally
{
    readonly int[] _switches = new int[Enum.GetValues<SwitchKind>().Length];
    readonly Against _blind = new(), _final = new();
    int _readings, _toModel, _revealed;

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

        return (all.Switches, [.. readers.Select(r =>
            new ReaderFigures(r.Key, "", r.Value._readings, r.Value.Switches, r.Value._blind.Point, r.Value._final.Point))]);
    }

    SwitchCounts Switches => new(
        _switches[(int)SwitchKind.Corrected], _switches[(int)SwitchKind.Misled], _switches[(int)SwitchKind.Unsettled], _toModel, _revealed,
        McNemar.Of(onlyFirst: _switches[(int)SwitchKind.Misled], onlySecond: _switches[(int)SwitchKind.Corrected]));

    void Add(in ReaderCase c)
    {
        _readings++;
        _revealed += c.IsRevealed ? 1 : 0;
        if (c.Switch is { } kind)
        {
            _switches[(int)kind]++;
            _toModel += c.Call(Party.Final) == c.Call(Party.Model) ? 1 : 0;
        }

        if (c.Call(Party.Reference) is { } truth)
        {
            _blind.Add(c.Call(Party.Blind), truth, c.Patient);
            _final.Add(c.Call(Party.Final), truth, c.Patient);
        }
    }

    /// <summary>An opinion against the reference.</summary>
    sealed class Against
    {
        readonly HashSet<int> _patients = [];
        readonly Dictionary<PairCell, int> _counts = [];

        public OperatingPoint Point => new(Reported(Confusion.Sensitivity), Reported(Confusion.Specificity));

        ConfusionCounts Confusion => new(
            TruePositive: Of(PairCell.Both), FalseNegative: Of(PairCell.OnlySecond), FalsePositive: Of(PairCell.OnlyFirst),
            TrueNegative: Of(PairCell.Neither));

        public void Add(bool? call, bool truth, int patient)
        {
            if (call is not { } isPositive)
            {
                return;
            }

            _patients.Add(patient);
            var cell = PairCells.Of(isPositive, truth);
            _counts[cell] = Of(cell) + 1;
        }

        int Of(PairCell cell) => _counts.GetValueOrDefault(cell);

        Estimate Reported(Estimate share) => ReportedEstimates.Reported(share, _patients.Count);
    }
}
