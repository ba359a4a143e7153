using CovidCxr.Statistics.Agreement;
using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Clinic.Comparison;

/// <summary>Asks for the figures of pairs of parties, whose tables are counted in one pass over the readings.</summary>
static class PairBootstrap
{
    public static FigureRequest<IReadOnlyList<PairFigures>> Ask(
        Clusters patients, IReadOnlyList<ReaderCase> cases, IReadOnlyList<PartyPair> pairs, double? prevalence)
    {
        var tables = pairs.Select((pair, i) => (Pair: pair, Table: new BinaryTable(i * BinaryTable.Columns), Cells: CellsOf(pair, cases)))
            .ToList();
        var sums = new TotalStatistics(patients, pairs.Count * BinaryTable.Columns, Add);
        var asked = tables.ConvertAll(t => Ask(sums, t.Table, t.Pair, t.Cells, prevalence));
        return new([sums], estimates => asked.ConvertAll(read => read(estimates)));

        void Add(int i, Span<double> row)
        {
            foreach (var (_, table, cells) in tables)
            {
                if (cells[i] is { } cell)
                {
                    table.Add(cell, row);
                }
            }
        }
    }

    // Of each case; null where one of the two has not called it.
    static PairCell?[] CellsOf(PartyPair pair, IReadOnlyList<ReaderCase> cases)
    {
        var cells = new PairCell?[cases.Count];
        foreach (var (i, cell) in pair.Cells(cases))
        {
            cells[i] = cell;
        }

        return cells;
    }

    static Func<BootstrapEstimates, PairFigures> Ask(
        TotalStatistics sums, BinaryTable table, PartyPair pair, PairCell?[] cells, double? prevalence)
    {
        var (counts, patients) = Count(cells, sums.Clusters);
        var (observed, kappa, ac1) = (sums.Ask(table.Observed), sums.Ask(table.Kappa), sums.Ask(table.Ac1));
        var against = pair.Second == Party.Reference ? AskAgainst(sums, table, prevalence) : null;
        return estimates =>
        {
            var reported = new ReportedEstimates(estimates, patients);
            return new(pair, counts, patients, reported.Share(observed), reported[kappa], reported[ac1], against?.Invoke(reported));
        };
    }

    static Func<ReportedEstimates, ReferenceFigures> AskAgainst(TotalStatistics sums, BinaryTable table, double? prevalence)
    {
        var (sensitivity, specificity) = (sums.Ask(table.Sensitivity), sums.Ask(table.Specificity));
        var (positive, negative) = (sums.Ask(table.PositivePredictiveValue), sums.Ask(table.NegativePredictiveValue));
        var elsewhere = prevalence is { } share ? AskElsewhere(sums, table, share) : null;
        return reported => new(
            reported.Share(sensitivity), reported.Share(specificity), reported.Share(positive), reported.Share(negative),
            elsewhere?.Invoke(reported));
    }

    static Func<ReportedEstimates, PredictiveValues> AskElsewhere(TotalStatistics sums, BinaryTable table, double prevalence)
    {
        var values = table.PredictiveValuesAt(prevalence);
        var (positive, negative) = (sums.Ask(values.Positive), sums.Ask(values.Negative));
        return reported => new(prevalence, reported[positive], reported[negative]);
    }

    static (PairTable Table, int Patients) Count(PairCell?[] cells, Clusters clusters)
    {
        var counts = new int[BinaryTable.Columns];
        var isCalled = new bool[clusters.Count];
        for (var i = 0; i < cells.Length; i++)
        {
            if (cells[i] is { } cell)
            {
                counts[(int)cell]++;
                isCalled[clusters.OfCase[i]] = true;
            }
        }

        return (PairTable.Of(counts), isCalled.Count(c => c));
    }
}
