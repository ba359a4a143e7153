using System.Globalization;
using MudBlazor;

namespace CovidCxr.Web.Shared.Fields;

/// <summary>A number as this program writes it. Out of range, it is refused in words when the form is sent, not changed silently.</summary>
public sealed class DenseNumericField<T> : MudNumericField<T>
{
    public DenseNumericField()
    {
        (Variant, Margin, ShrinkLabel, HideSpinButtons) = (Variant.Outlined, Margin.Dense, true, true);
        Culture = CultureInfo.InvariantCulture;
    }

    /// <summary>Emptied, a number that must be there stays what it was: nothing is no zero.</summary>
    protected override Task UpdateValuePropertyAsync(bool updateText) =>
        default(T) is not null && string.IsNullOrWhiteSpace(ReadText)
            ? SetValueAndUpdateTextAsync(ReadValue, updateText: true, force: true)
            : base.UpdateValuePropertyAsync(updateText);
}
