using Microsoft.AspNetCore.Components;

namespace CovidCxr.Web.Shared.Agreement;

/// <summary>A filtered page that shows what it found a page at a time.</summary>
public abstract class ListingPage(NavigationManager navigation) : FilteredPage(navigation)
{
    [SupplyParameterFromQuery(Name = "page")]
    public string? PageText { get; set; }

    /// <summary>From 0.</summary>
    protected int Number => PageNumber.Read(PageText);

    protected override object Question => (Filter, Number);
}
