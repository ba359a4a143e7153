using CovidCxr.Statistics;
using CovidCxr.Statistics.Agreement;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Clinic.Comparison;

/// <summary>The arms' figures and their differences from the same resamples of patients, who may have films in both arms.</summary>
static class ArmBootstrap
{
    // Of each arm: the cells of reader and reference, of reader and model.
    const int Both = 0, OnlyFirst = 1, OnlySecond = 2, Neither = 3, Model = 4, Columns = 8;

    static readonly ReadingArm[] Arms = Enum.GetValues<ReadingArm>(), Compared = [ReadingArm.Before, ReadingArm.After];

    static readonly TotalStatistic[] Figures =
    [
        TotalStatistic.Ratio([Both, Neither], [Both, OnlyFirst, OnlySecond, Neither]), TotalStatistic.Ratio([Both], [Both, OnlySecond]), TotalStatistic.Ratio([Neither], [OnlyFirst, Neither]),
        CohenKappa.Statistic(2) with { Cases = t => t[Both] + t[OnlyFirst] + t[OnlySecond] + t[Neither] },
        TotalStatistic.Ratio([Model + Both, Model + Neither], [Model + Both, Model + OnlyFirst, Model + OnlySecond, Model + Neither]),
    ];

    public static (List<ArmFigures> Arms, List<ArmDifference> Differences) Of(List<ReaderCase> cases, CancellationToken cancellation)
    {
        var bootstrap = new PatientBootstrap(cases);
        var casesOf = Arms.Select(arm => Enumerable.Range(0, cases.Count).Where(i => ArmCases.IsIn(cases[i], arm)).ToList()).ToList();
        var patientsOf = casesOf.ConvertAll(arm => bootstrap.Patients.Only(arm).NonEmpty);
        var estimates = bootstrap.Add(new TotalStatistics(bootstrap.Patients, Arms.Length * Columns, (i, row) => Add(cases[i], row),
        [
            .. Arms.SelectMany(arm => Figures.Select(f => In(arm, f))),
            .. Compared.SelectMany(arm => Figures.Select(f => Less(In(ReadingArm.Concurrent, f), In(arm, f)))),
        ]));
        bootstrap.Run(cancellation);
        var queue = new Queue<Estimate>(estimates());
        return ([.. Arms.Select(FiguresOf)], [.. Compared.Select(DifferenceOf)]);

        ArmFigures FiguresOf(ReadingArm arm)
        {
            var (readings, patients) = (casesOf[(int)arm], patientsOf[(int)arm]);
            return new(arm, readings.Count, readings.Select(i => cases[i].ReaderId).Distinct().Count(), patients, Share(patients), Share(patients), Share(patients), Next(patients), Share(patients));
        }

        ArmDifference DifferenceOf(ReadingArm from)
        {
            var patients = Math.Min(patientsOf[(int)from], patientsOf[(int)ReadingArm.Concurrent]);
            return new(from, Next(patients), Next(patients), Next(patients), Next(patients), Next(patients));
        }

        Estimate Next(int patients) => PairBootstrap.Said(queue.Dequeue(), patients);

        Estimate Share(int patients) => PairBootstrap.ShareOf(Next(patients));
    }

    static void Add(ReaderCase c, Span<double> row)
    {
        if (c.Before is null)
        {
            Add(ReadingArm.Concurrent, c.Call(Party.Final), row);
            return;
        }

        Add(ReadingArm.Before, c.Call(Party.Blind), row);
        Add(ReadingArm.After, c.Call(Party.Final), row);

        void Add(ReadingArm arm, bool? call, Span<double> row)
        {
            if (call is not { } first)
            {
                return;
            }

            var offset = (int)arm * Columns;
            if (c.Call(Party.Reference) is { } truth)
            {
                row[offset + Cell(first, truth)]++;
            }

            row[offset + Model + Cell(first, c.IsModelPositive!.Value)]++;
        }
    }

    static int Cell(bool first, bool second) => (first ? Both : OnlySecond) + (second ? 0 : 1);

    static TotalStatistic In(ReadingArm arm, TotalStatistic figure) =>
        new(t => figure.Value(t.Slice((int)arm * Columns, Columns)), t => figure.Cases!(t.Slice((int)arm * Columns, Columns)));

    // As sure as the smaller of the two.
    static TotalStatistic Less(TotalStatistic figure, TotalStatistic other) => new(
        t => figure.Value(t) - other.Value(t), t => Math.Min(figure.Cases!(t) ?? 0, other.Cases!(t) ?? 0));
}
