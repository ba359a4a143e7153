using MudBlazor;

namespace CovidCxr.Web.Shared.Fields;

/// <summary>MudBlazor's text field as low as a row of buttons. A theme cannot say so, so each kind of field says it once.</summary>
public sealed class DenseTextField : MudTextField<string>
{
    public DenseTextField() => (Variant, Margin, ShrinkLabel) = (Variant.Outlined, Margin.Dense, true);
}
