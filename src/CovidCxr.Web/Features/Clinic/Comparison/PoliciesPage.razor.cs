using System.Globalization;
using CovidCxr.Clinic.Comparison;
using CovidCxr.Domain.Accounts;
using CovidCxr.Statistics;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Agreement;
using Microsoft.AspNetCore.Components;

namespace CovidCxr.Web.Features.Clinic.Comparison;

/// <summary>What seeing the model from the start changes, under the filter of the address.</summary>
public sealed partial class PoliciesPage(ComparePolicies compare, NavigationManager navigation) : FilteredPage(navigation)
{
    static readonly (string Name, Func<ArmFigures, Estimate> Of, Func<ArmDifference, Estimate> Less)[] Rows =
    [
        ("Agreement with the reference", a => a.Agreement, d => d.Agreement),
        ("Sensitivity", a => a.Sensitivity, d => d.Sensitivity),
        ("Specificity", a => a.Specificity, d => d.Specificity),
        ("Cohen's kappa with the reference", a => a.Kappa, d => d.Kappa),
        ("Agreement with the model", a => a.WithModel, d => d.WithModel),
    ];

    PolicyComparison? _comparison;

    protected override async Task LoadAsync(Actor actor) => _comparison = await compare.RunAsync(Filter, actor, Gone);

    static string Count(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    static string? Missing(PolicyComparison comparison) =>
        (comparison[ReadingArm.Before].Readings, comparison[ReadingArm.Concurrent].Readings) switch
        {
            (0, 0) => "No finished reading with an answer of the model matches these filters.",
            (var blinded, 0) => OneSided("Blinded first", blinded),
            (0, var concurrent) => OneSided("Concurrent", concurrent),
            _ => null,
        };

    static string OneSided(string arm, int readings) =>
        $"{arm} alone, {readings.Of("reading")}: there is nothing to compare with. "
        + "Randomise the reading policy by day to measure what seeing the model from the start changes.";

    static string LeftOut(PolicyComparison comparison)
    {
        (int Count, string Words)[] parts =
        [
            (comparison.Elsewhere, "not of a day drawn by lot"),
            (comparison.Asked, "asked for, and so blinded whatever the policy"),
            (comparison.Disclosed, "whose answer the reader had seen on an earlier day"),
            (comparison.WithoutModel, "without an answer of the model"),
            (comparison.OfOtherDisease, "beside a model of another disease"),
        ];
        return string.Concat(parts.Where(p => p.Count > 0).Select(p => $" · left out: {p.Count.Of("reading")} {p.Words}"))
            + comparison.Withheld.Words();
    }
}
