using CovidCxr.Clinic.Comparison;
using CovidCxr.Statistics.Agreement;
using CovidCxr.Statistics.Drift;

namespace CovidCxr.Clinic.Drift;

/// <param name="Monday">The week's first day; weeks are those of ISO 8601, in UTC.</param>
/// <param name="Agreeing">Readings whose opinion before the model is the model's call.</param>
/// <param name="Called">Readings that both the reader, before the model, and the model called.</param>
/// <param name="IsOver">False for the week that is still going on.</param>
public sealed record AgreementWeek(DateOnly Monday, int Agreeing, int Called, ControlPoint Point, bool IsOver);

/// <summary>Agreement of readers, before the model, with the model as a run chart by week.</summary>
/// <param name="Centre">The share over all these weeks; null where nothing was read.</param>
/// <param name="Weeks">From the first week with a reading on, without gaps.</param>
public sealed record AgreementChart(double? Centre, IReadOnlyList<AgreementWeek> Weeks)
{
    /// <summary>At least so many weeks end with the period: limits of fewer mean little.</summary>
    public const int FewestWeeks = 26;

    const int MostWeeks = 520;

    static readonly PartyPair Pair = new(Party.Model, Party.Blind);

    public static DateOnly MondayOf(DateOnly day) => day.AddDays(-(((int)day.DayOfWeek + 6) % 7));

    internal static AgreementChart Of(IReadOnlyList<ReaderCase> cases, Period period, DateOnly today)
    {
        var last = MondayOf(period.To);
        var first = new[] { MondayOf(period.From), last.AddDays(-7 * (FewestWeeks - 1)) }.Min();
        first = new[] { first, last.AddDays(-7 * (MostWeeks - 1)) }.Max();
        var weeks = new (int Agreeing, int Called)[((last.DayNumber - first.DayNumber) / 7) + 1];
        foreach (var (i, cell) in Pair.Cells(cases))
        {
            var week = (int)Math.Floor((DateOnly.FromDateTime(cases[i].ReadAt.UtcDateTime).DayNumber - first.DayNumber) / 7.0);
            if (week >= 0 && week < weeks.Length)
            {
                weeks[week].Called++;
                weeks[week].Agreeing += cell.IsAgreement() ? 1 : 0;
            }
        }

        var silent = weeks.TakeWhile(w => w.Called == 0).Count();
        var chart = ProportionChart.Of(weeks[silent..]);
        return new(chart.Centre, [.. chart.Points.Select((p, i) =>
        {
            var monday = first.AddDays(7 * (silent + i));
            return new AgreementWeek(monday, weeks[silent + i].Agreeing, weeks[silent + i].Called, p, monday.AddDays(6) < today);
        })]);
    }
}
