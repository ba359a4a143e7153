using System.Globalization;
using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Drift;
using CovidCxr.Clinic.Exports;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Agreement;
using Microsoft.AspNetCore.Components;

namespace CovidCxr.Web.Features.Clinic.Exports;

/// <summary>A period on paper: one page without a circuit, black on white.</summary>
public sealed partial class AgreementReportPage(
    CompareReaders compare, MeasureDrift measure, DescribePeriod describe, NavigationManager navigation) : FilteredPage(navigation)
{
    AgreementFigures? _comparison;
    DriftReport? _drift;
    PeriodFacts? _facts;

    protected override async Task LoadAsync(Actor actor)
    {
        _facts = await describe.RunAsync(Filter, actor, Gone);
        _comparison = await compare.RunAsync(Filter, actor, Gone);
        // The same days for what arrived as for what was read.
        _drift = await measure.RunAsync(Filter with { From = _facts.Period.From, To = _facts.Period.To }, actor, Gone);
    }

    static IEnumerable<(string Name, int Count)> Counts(AgreementFigures figures) =>
    [
        ("Finished readings", figures.Counts.Readings), ("Studies", figures.Counts.Studies), ("Patients", figures.Counts.Patients),
        ("Readings with the model in sight from the start", figures.Counts.WithoutBlind),
        ("Readings without an answer of the model", figures.Counts.WithoutModel),
        ("Readings beside a model of another disease", figures.Counts.OfOtherDisease),
        ("Readings with an indeterminate opinion", figures.Counts.IndeterminateReadings),
        ("Studies whose answer is withheld", figures.Withheld.Withheld),
        ("Studies that were withheld and scored because a person asked", figures.Withheld.OnDemand),
    ];

    static string Utc(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    string Filters(AgreementFigures comparison)
    {
        string?[] parts =
        [
            Filter.From is null && Filter.To is null ? "all readings" : null,
            comparison.Choices.Readers.FirstOrDefault(r => r.Id == Filter.ReaderId) is { } reader ? $"reader {reader.Name}" : null,
            comparison.Choices.Versions.FirstOrDefault(v => v.Id == Filter.ModelVersionId) is { } version
                ? $"model {version.Name} v{version.Number}"
                : null,
            Filter.Reference == ReferencePolicy.AnyAgreeing ? null : $"reference: {Filter.Reference.Words().ToLowerInvariant()}",
            Filter.View is { } view ? $"view {view}" : null,
            Filter.Sex is { } sex ? $"sex {sex.ToString().ToLowerInvariant()}" : null,
            Filter.Age is { } age ? $"age {age.Words()}" : null,
        ];
        return parts.OfType<string>().ToList() is { Count: > 0 } some ? string.Join(", ", some) : "none besides the period";
    }

    static string SecondReader(QualitySettings settings) =>
        settings.SecondReadEvery == 0 ? "for no study" : $"for one study in {settings.SecondReadEvery}";

    static string Thresholds(QualitySettings settings) =>
        $"stability index above {settings.LargestStabilityIndex.Fixed()}, "
        + $"agreement of a week below {DriftWording.Percent(settings.LowestAgreement)}";

    // What a change left as it was is not said again.
    static string InForce<T>(IEnumerable<T> changes, Func<T, (string Words, DateTimeOffset At, string By)> of)
    {
        List<(string Words, DateTimeOffset At, string By)> said = [];
        foreach (var change in changes.Select(of))
        {
            if (said is not [.., var last] || last.Words != change.Words)
            {
                said.Add(change);
            }
        }

        return string.Join(
            "; ", said.Select(s => s.At == default ? $"{s.Words} since the installation" : $"{s.Words} since {Utc(s.At)} ({s.By})"));
    }
}
