using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Drift;
using CovidCxr.Domain.Accounts;
using CovidCxr.Web.Shared.Agreement;
using CovidCxr.Web.Shared.Charts;
using Microsoft.AspNetCore.Components;

namespace CovidCxr.Web.Features.Clinic.Drift;

/// <summary>What comes in, what the model says of it and how readers agree, over time.</summary>
public sealed partial class DriftPage(MeasureDrift measure, NavigationManager navigation) : FilteredPage(navigation)
{
    DriftReport? _report;
    IReadOnlyList<ChartMark> _marks = [];
    IReadOnlyList<ChartSeries> _weeks = [];
    IReadOnlyList<ChartSeries> _months = [];
    IReadOnlyList<(DriftMeasure Measure, IReadOnlyList<ChartSeries> Series)> _bins = [];

    /// <summary>Without what studies have not.</summary>
    AgreementFilter OfStudies => Filter with { ReaderId = null, Reference = default, Prevalence = null };

    protected override object Question => OfStudies;

    protected override async Task LoadAsync(Actor actor)
    {
        _report = await measure.RunAsync(OfStudies, actor, Gone);
        _marks = DriftCharts.Marks(_report.Changes);
        _weeks = DriftCharts.Weeks(_report.Agreement);
        _months = DriftCharts.Months(_report.Months);
        _bins = [.. _report.Measures.Where(m => !m.IsCategory && m.Bins.Count > 0).Select(m => (m, DriftCharts.Bins(m)))];
    }

    static bool HasStudies(DriftBin bin) => bin.Current > 0 || bin.Previous > 0 || bin.Trained > 0;

    void OpenWeek(double day)
    {
        // The nearest week's point.
        if (_report!.Agreement.Weeks.Where(w => w.Called > 0).MinBy(w => Math.Abs(w.Monday.DayNumber - day)) is { } week)
        {
            Open(AgreementAddress.Week(OfStudies, week.Monday));
        }
    }

    void OpenBin(double score) =>
        Open(AgreementAddress.ScoreBin(OfStudies, _report!.Current, _report.Version?.Id, Comparing.ScoreBinOf(score)));

    void OpenMonth(double day)
    {
        if (_report!.Months.MinBy(m => Math.Abs(m.First.DayNumber - day)) is { } month)
        {
            Open(AgreementAddress.Write(AgreementAddress.Studies, OfStudies with { From = month.First, To = month.Last }));
        }
    }
}
