using CovidCxr.Clinic.Comparison;
using CovidCxr.Domain.Accounts;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Agreement;
using Microsoft.AspNetCore.Components;

namespace CovidCxr.Web.Features.Clinic.Comparison;

/// <summary>Reader, model and reference compared, under the filter of the address.</summary>
public sealed partial class AgreementPage(CompareReaders compare, NavigationManager navigation) : FilteredPage(navigation)
{
    AgreementFigures? _comparison;

    protected override async Task LoadAsync(Actor actor) => _comparison = await compare.RunAsync(Filter, actor, Gone);

    static IEnumerable<(SwitchKind Kind, int Count)> Switched(SwitchCounts counts) =>
        [(SwitchKind.Corrected, counts.Corrected), (SwitchKind.Misled, counts.Misled), (SwitchKind.Unsettled, counts.Unsettled)];

    string Nothing(AgreementFigures comparison)
    {
        if (Filter with { Prevalence = null } == new AgreementFilter())
        {
            return comparison.IsOwnOnly
                ? "You have no finished reading yet. Your figures appear here once you have read studies."
                : "No finished reading yet. Figures appear here once studies are read.";
        }

        return (
            comparison.Choices.Readers.FirstOrDefault(r => r.Id == Filter.ReaderId),
            comparison.Choices.Versions.FirstOrDefault(v => v.Id == Filter.ModelVersionId)) switch
        {
            ({ } reader, null) when comparison.NeverRead.Contains(reader.Name) => $"{reader.Name} has not finished a reading yet.",
            (null, { } version) when Filter == new AgreementFilter(ModelVersionId: version.Id) =>
                $"No reading was finished with {version.Name} v{version.Number} in sight.",
            _ => "No finished reading matches these filters.",
        };
    }

    static string LeftOut(ComparisonCounts counts)
    {
        (int Count, string Of, string Many, string Words)[] parts =
        [
            (counts.WithoutReference, "study", "studies", "without a reference"),
            (counts.Contradictory, "study", "studies", "with contradictory references"),
            (counts.IndeterminateReferences, "study", "studies", "with an indeterminate reference"),
            (counts.WithoutBlind, "reading", "readings", "with the model in sight from the start"),
            (counts.WithoutModel, "reading", "readings", "without an answer of the model"),
            (counts.OfOtherDisease, "reading", "readings", "beside a model of another disease"),
            (counts.IndeterminateReadings, "reading", "readings", "with an indeterminate opinion"),
        ];
        return string.Concat(parts.Where(p => p.Count > 0).Select(p => $" · {p.Count.Of(p.Of, p.Many)} {p.Words}"));
    }
}
