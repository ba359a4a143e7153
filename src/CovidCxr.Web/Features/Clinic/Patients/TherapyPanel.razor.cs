using CovidCxr.Clinic.Patients;
using CovidCxr.Web.Shared.Fields;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;

namespace CovidCxr.Web.Features.Clinic.Patients;

/// <summary>The notes of a patient's therapy.</summary>
public sealed partial class TherapyPanel(WriteTherapyNote write, StrikeTherapyNote strike) : ComponentBase
{
    static readonly DialogOptions Options = new() { MaxWidth = MaxWidth.Small, FullWidth = true, CloseOnEscapeKey = true };

    DateField? _fromField, _untilField;
    DenseTextField? _textField;
    DateOnly? _from, _until;
    string? _text, _reason, _refusal, _strikeRefusal, _said;
    PatientNote? _striking;
    bool _isOpen, _isBusy;

    [Parameter, EditorRequired]
    public required Patient Patient { get; set; }

    /// <summary>A note was written or struck out.</summary>
    [Parameter, EditorRequired]
    public EventCallback Changed { get; set; }

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    async Task AddAsync() => await OnceAsync(async () =>
    {
        _said = null;
        // What cannot be read is no day to the field, and would make a note of one day.
        _refusal = _fromField is { HasErrors: true } || _untilField is { HasErrors: true }
            ? "One of the days cannot be read: write it as yyyy-mm-dd."
            : await write.RunAsync(
                new(Patient.Number, _from, _until, _text), (await Authentication).User.ToActor(), CancellationToken.None);
        if (_refusal is null)
        {
            (_from, _until, _text, _said) = (null, null, null, "The note is stored.");
            await Changed.InvokeAsync();
            await _textField!.FocusAsync();
        }
    });

    void Open(PatientNote note) => (_isOpen, _striking, _reason, _strikeRefusal) = (true, note, null, null);

    async Task StrikeAsync() => await OnceAsync(async () =>
    {
        _strikeRefusal = await strike.RunAsync(_striking!.Id, _reason, (await Authentication).User.ToActor(), CancellationToken.None);
        if (_strikeRefusal is null)
        {
            (_isOpen, _refusal, _said) = (false, null, "The note is struck out.");
            await Changed.InvokeAsync();
            // Its button is gone.
            await _textField!.FocusAsync();
        }
    });

    async Task OnceAsync(Func<Task> work)
    {
        if (_isBusy)
        {
            return;
        }

        _isBusy = true;
        try
        {
            await work();
        }
        finally
        {
            _isBusy = false;
        }
    }
}
