using CovidCxr.Clinic.Comparison;
using CovidCxr.Domain.Accounts;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Agreement;
using Microsoft.AspNetCore.Components;

namespace CovidCxr.Web.Features.Clinic.Comparison;

/// <summary>The readings behind one number of the agreement page.</summary>
public sealed partial class CasesPage(ListCases list, NavigationManager navigation) : ListingPage(navigation)
{
    const int PageSize = 50;

    CasePage? _page;

    [SupplyParameterFromQuery(Name = "first")]
    public string? FirstText { get; set; }

    [SupplyParameterFromQuery(Name = "second")]
    public string? SecondText { get; set; }

    [SupplyParameterFromQuery(Name = "cell")]
    public string? CellText { get; set; }

    [SupplyParameterFromQuery(Name = "switch")]
    public string? SwitchText { get; set; }

    [SupplyParameterFromQuery(Name = "arm")]
    public string? ArmText { get; set; }

    CaseSelection Selection => AgreementAddress.ReadSelection(name => name switch
    {
        "first" => FirstText,
        "second" => SecondText,
        "cell" => CellText,
        "arm" => ArmText,
        _ => SwitchText,
    });

    protected override object Question => (Filter, Selection, Number);

    protected override async Task LoadAsync(Actor actor) => _page = await list.RunAsync(Filter, Selection, actor, Gone, Number, PageSize);

    string Back => AgreementAddress.Write(Selection.Arm is null ? AgreementAddress.Page : AgreementAddress.Policies, Filter);

    static string CallOf(ComparedCase listed) => (listed.ModelCall, listed.Withholding) switch
    {
        (null, Withholding.Withheld) => "withheld",
        (null, _) => "–",
        (var call, Withholding.Withheld) => $"{call}, withheld since",
        (var call, Withholding.OnDemand) => $"{call}, on demand",
        var (call, _) => call,
    };

    void Turn(int number) => Open(AgreementAddress.Write(
        AgreementAddress.Studies, Filter, ("first", FirstText), ("second", SecondText), ("cell", CellText), ("switch", SwitchText),
        ("arm", ArmText), ("page", PageNumber.Write(number))));
}
