using Microsoft.AspNetCore.Components;

namespace CovidCxr.Web.Features.Clinic.Readings;

/// <summary>What the reader says of the image itself: opinion, confidence, note.</summary>
public sealed partial class OpinionFields
{
    static readonly string[] Words = ["a guess", "unsure", "fairly sure", "sure", "certain"];

    [Parameter, EditorRequired]
    public required ReadingDraft Draft { get; set; }

    [Parameter]
    public bool Disabled { get; set; }

    [Parameter]
    public EventCallback Changed { get; set; }

    Task ChangeAsync(Action change)
    {
        change();
        return Changed.InvokeAsync();
    }
}
