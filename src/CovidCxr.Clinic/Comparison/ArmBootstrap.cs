using CovidCxr.Statistics.Agreement;
using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Clinic.Comparison;

/// <summary>The arms' figures and their differences from the same resamples of patients, who may have films in both arms.</summary>
static class ArmBootstrap
{
    static readonly ReadingArm[] Arms = Enum.GetValues<ReadingArm>(), Compared = [ReadingArm.Before, ReadingArm.After];

    static readonly ArmTables[] Tables = Array.ConvertAll(Arms, arm => new ArmTables(arm));

    public static (List<ArmFigures> Arms, List<ArmDifference> Differences) Of(List<ReaderCase> cases, CancellationToken cancellation)
    {
        var patients = Clusters.Of(cases.ConvertAll(c => c.Patient));
        var sums = new TotalStatistics(patients, Arms.Length * ArmTables.Columns, (i, row) => Add(cases[i], row));
        var arms = Array.ConvertAll(Arms, arm =>
            new AskedArm(arm, [.. Enumerable.Range(0, cases.Count).Where(i => ArmCases.IsIn(cases[i], arm))], patients, sums));
        var concurrent = arms.Single(a => a.Arm == ReadingArm.Concurrent);
        var differences = Array.ConvertAll(Compared, from => new AskedDifference(arms.Single(a => a.Arm == from), concurrent, sums));
        var estimates = ClusteredBootstrap.Intervals([sums], null, cancellation);
        return ([.. arms.Select(a => a.Read(cases, estimates))], [.. differences.Select(d => d.Read(estimates))]);
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

            var tables = Tables[(int)arm];
            if (c.Call(Party.Reference) is { } truth)
            {
                tables.Reference.Add(PairCells.Of(first, truth), row);
            }

            tables.Model.Add(PairCells.Of(first, c.Call(Party.Model)!.Value), row);
        }
    }

    /// <summary>An arm's two tables: its readers with the reference, and its readers with the model.</summary>
    sealed class ArmTables(ReadingArm arm)
    {
        public const int Columns = 2 * BinaryTable.Columns;

        public BinaryTable Reference { get; } = new((int)arm * Columns);

        public BinaryTable Model { get; } = new(((int)arm * Columns) + BinaryTable.Columns);

        public ArmValues<TotalStatistic> Figures =>
            new(Reference.Observed, Reference.Sensitivity, Reference.Specificity, Reference.Kappa, Model.Observed);
    }

    /// <summary>One value for each figure of an arm.</summary>
    sealed record ArmValues<T>(T Agreement, T Sensitivity, T Specificity, T Kappa, T WithModel)
    {
        public ArmValues<TOther> Select<TOther>(Func<T, TOther> of) =>
            new(of(Agreement), of(Sensitivity), of(Specificity), of(Kappa), of(WithModel));

        public ArmValues<T> With(ArmValues<T> other, Func<T, T, T> of) => new(
            of(Agreement, other.Agreement), of(Sensitivity, other.Sensitivity), of(Specificity, other.Specificity), of(Kappa, other.Kappa),
            of(WithModel, other.WithModel));
    }

    sealed class AskedArm(ReadingArm arm, List<int> readings, Clusters patients, TotalStatistics sums)
    {
        readonly ArmValues<FigureHandle> _asked = Tables[(int)arm].Figures.Select(sums.Ask);

        public ReadingArm Arm => arm;

        public int Patients { get; } = patients.Only(readings).NonEmpty;

        public ArmFigures Read(List<ReaderCase> cases, BootstrapEstimates estimates)
        {
            var reported = new ReportedEstimates(estimates, Patients);
            return new(
                arm, readings.Count, readings.Select(i => cases[i].ReaderId).Distinct().Count(), Patients, reported.Share(_asked.Agreement),
                reported.Share(_asked.Sensitivity), reported.Share(_asked.Specificity), reported[_asked.Kappa],
                reported.Share(_asked.WithModel));
        }
    }

    /// <summary>The concurrent arm less another, as sure as the one of fewer patients.</summary>
    sealed class AskedDifference(AskedArm from, AskedArm concurrent, TotalStatistics sums)
    {
        readonly ArmValues<FigureHandle> _asked = Tables[(int)concurrent.Arm].Figures
            .With(Tables[(int)from.Arm].Figures, (figure, other) => figure.Less(other)).Select(sums.Ask);

        public ArmDifference Read(BootstrapEstimates estimates)
        {
            var reported = new ReportedEstimates(estimates, Math.Min(from.Patients, concurrent.Patients));
            return new(
                from.Arm, reported[_asked.Agreement], reported[_asked.Sensitivity], reported[_asked.Specificity], reported[_asked.Kappa],
                reported[_asked.WithModel]);
        }
    }
}
