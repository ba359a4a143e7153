using CovidCxr.Clinic.Comparison;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Drift;

/// <summary>
/// Whether what comes in, and what a version says of it, has moved away from the month before and from the training; and the agreement of
/// readers and model week by week. For the lead.
/// </summary>
public sealed class MeasureDrift(IDbContextFactory<CovidCxrDbContext> contexts, CaseCache cache, RevealedCases revealed, TimeProvider time)
{
    const int Months = 12;

    /// <param name="filter">Its period, version, view, sex and age band. Studies count by the day of their arrival, readings by that of
    /// reading.</param>
    public async Task<DriftReport> RunAsync(AgreementFilter filter, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        var today = Period.Today(time);
        var current = Period.Of(filter, today);
        var previous = current.MonthBefore;
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var firstMonth = new DateOnly(current.To.Year, current.To.Month, 1).AddMonths(-Months);
        var inputs = await DriftRows.InputsAsync(db, new(previous.From, current.To), filter, cancellation);
        var all = await DriftRows.ScoresAsync(
            db, new(previous.From < firstMonth ? previous.From : firstMonth, current.To), filter, cancellation);
        // What comes in is no answer; what the model says of it is.
        var hidden = await revealed.HiddenFromAsync(db, actor, cancellation);
        var scores = all.FindAll(s => !hidden.Contains(s.StudyId));
        var versions = await CompareReaders.VersionsAsync(db, cancellation);
        var version = Choose(filter.ModelVersionId, scores, versions, current);
        var trained = version is null
            ? null
            : TrainedOf(await db.ModelVersions.Where(m => m.Id == version.Id).Select(m => m.HeaderJson).SingleAsync(cancellation));
        var expect = version is null
            ? null
            : await ExpectedPerformance.ReadAsync(db, version.Id, current, filter, hidden, cancellation);
        var set = await cache.GetAsync(db, cancellation);
        var calls = await CallWatch.ReadAsync(db, cancellation);
        var withheld = await DriftRows.WithheldAsync(db, current, filter, cancellation);
        var withheldBefore = await DriftRows.WithheldAsync(db, previous, filter, cancellation);
        var changes = await DepartmentChange.ReadAsync(db, new(firstMonth, current.To), cancellation);
        // The weeks before the period belong to the chart.
        var cases = hidden.TakenFrom(ReaderCases.Filter(
            set.All, new(null, current.To, ModelVersionId: filter.ModelVersionId, View: filter.View, Sex: filter.Sex, Age: filter.Age),
            onlyBy: null));
        return await Task.Run(
            () =>
            {
                var own = scores.FindAll(s => s.VersionId == version?.Id);
                return new DriftReport(
                    current, previous, version, versions, Words(version, trained), Measures(inputs, own, current, trained),
                    MonthsOf(own, firstMonth, trained), AgreementChart.Of(cases, current, today),
                    ListArrivals.HiddenStudiesOf(all.FindAll(s => s.ReceivedAt >= current.Starts), hidden), withheld, withheldBefore,
                    expect?.Invoke(), changes,
                    // Of a part of the films, and of those that somebody chose to read, the sum would say nothing.
                    calls is var (active, since, made) && hidden.AreNone ? CallWatch.Of(active, since, made) : null);
            },
            cancellation);
    }

    /// <summary>Null for a file that says nothing of it.</summary>
    internal static TrainedDistributions? TrainedOf(string headerJson)
    {
        try
        {
            return ModelHeader.FromJson(headerJson).Distributions;
        }
        catch (ModelFileException)
        {
            return null;
        }
    }

    /// <summary>The version that was asked for, or the one with most studies in the period.</summary>
    internal static VersionChoice? Choose(Guid? wanted, List<ScoreRow> scores, List<VersionChoice> versions, Period current)
    {
        var most = scores.Where(s => s.ReceivedAt >= current.Starts).CountBy(s => s.VersionId).OrderByDescending(v => v.Value)
            .Select(v => (Guid?)v.Key).FirstOrDefault();
        return versions.FirstOrDefault(v => v.Id == (wanted ?? most));
    }

    static string Words(VersionChoice? version, TrainedDistributions? trained) => (version, trained) switch
    {
        (null, _) => "no version has answered in this period, as far as you may know",
        (_, null) =>
            "this version's file keeps no distribution of its training: it came from elsewhere, or was trained before they were kept",
        _ =>
            $"scores of {trained.Scores.Cases} validation images and {trained.Means.Cases} training images are kept in this version's file",
    };

    static List<DriftMonth> MonthsOf(List<ScoreRow> own, DateOnly first, TrainedDistributions? trained)
    {
        var scores = own.ToLookup(s => new DateOnly(s.ReceivedAt.Year, s.ReceivedAt.Month, 1), s => s.Score);
        return
        [
            .. Enumerable.Range(1, Months).Select(m => first.AddMonths(m)).SkipWhile(m => !scores.Contains(m)).Select(m => new DriftMonth(
                m, scores[m].Count(),
                trained is null
                    ? null
                    : Comparing.Numbers(trained.Scores.Values(), [.. scores[m].Select(trained.Scores.Rounded)], "in the training"),
                Comparing.Numbers([.. scores[m.AddMonths(-1)]], [.. scores[m]], "in the month before"))),
        ];
    }

    static List<DriftMeasure> Measures(List<InputRow> all, List<ScoreRow> own, Period current, TrainedDistributions? trained)
    {
        var previous = current.MonthBefore;
        var scores = own.Where(s => s.ReceivedAt >= previous.Starts).ToLookup(s => s.ReceivedAt >= current.Starts, s => (double?)s.Score);
        var inputs = all.ToLookup(s => s.ReceivedAt >= current.Starts);
        var whyNot = trained is null ? "not known for this version" : "";
        return
        [
            Comparing.Numbers(DriftQuantity.Score, [.. scores[true]], [.. scores[false]], trained?.Scores, whyNot),
            Numbers(DriftQuantity.Width, i => i.Width, trained?.Widths), Numbers(DriftQuantity.Height, i => i.Height, trained?.Heights),
            Numbers(DriftQuantity.MeanIntensity, i => i.Mean, trained?.Means),
            Numbers(DriftQuantity.IntensityDeviation, i => i.Deviation, trained?.Deviations),
            Categories<ViewPosition>(DriftQuantity.View, i => (int)i.View), Categories<Sex>(DriftQuantity.Sex, i => (int)i.Sex),
            Categories<AgeBand>(DriftQuantity.Age, i => (int)AgreementFilter.Band(i.AgeYears)),
        ];

        DriftMeasure Numbers(DriftQuantity quantity, Func<InputRow, double?> of, Statistics.Drift.Histogram? reference) =>
            Comparing.Numbers(quantity, [.. inputs[true].Select(of)], [.. inputs[false].Select(of)], reference, whyNot);

        DriftMeasure Categories<T>(DriftQuantity quantity, Func<InputRow, int> of)
            where T : struct, Enum =>
            Comparing.Categories(
                quantity, [.. inputs[true].Select(of)], [.. inputs[false].Select(of)], Enum.GetValues<T>().Length,
                "training data do not say it");
    }
}
