using System.Globalization;
using CovidCxr.Clinic.Drift;
using CovidCxr.Domain.Accounts;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Agreement;
using Microsoft.AspNetCore.Components;

namespace CovidCxr.Web.Features.Clinic.Drift;

/// <summary>The studies behind one bin of the scores' distribution on the drift page.</summary>
public sealed partial class ArrivalsPage(ListArrivals list, NavigationManager navigation) : ListingPage(navigation)
{
    const int PageSize = 50;

    ArrivalPage? _page;

    [SupplyParameterFromQuery(Name = "bin")]
    public string? BinText { get; set; }

    int? Bin =>
        int.TryParse(BinText, NumberStyles.None, CultureInfo.InvariantCulture, out var bin) && bin < Comparing.ScoreBins ? bin : null;

    string Title =>
        Bin is { } bin
            ? $"Scores {((double)bin / Comparing.ScoreBins).Fixed()}–{((bin + 1.0) / Comparing.ScoreBins).Fixed()}"
            : "All scores";

    protected override object Question => (Filter, Bin, Number);

    protected override async Task LoadAsync(Actor actor) => _page = await list.RunAsync(Filter, Bin, actor, Gone, Number, PageSize);

    void Turn(int number) => Open(AgreementAddress.Write(
        AgreementAddress.Arrivals, Filter, ("bin", Bin?.ToString(CultureInfo.InvariantCulture)), ("page", PageNumber.Write(number))));
}
