using System.Globalization;
using CovidCxr.Clinic.Corrections;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Studies;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;

namespace CovidCxr.Web.Features.Clinic.Readings;

/// <summary>What was changed of a study, and the dialog that changes it.</summary>
public sealed partial class CorrectionPanel(ChangeStudy change, UndoChange undo)
{
    static readonly DialogOptions Options = new() { MaxWidth = MaxWidth.Small, FullWidth = true, CloseOnEscapeKey = true };

    StudyChangeKind _kind;
    // As the dialog was opened for: what comes in meanwhile is told to the person, not overwritten.
    StudyParticulars? _opened;
    long _lastSeen;
    long _undone;
    IReadOnlyList<string> _doubts = [];
    string? _number, _reason, _refusal, _said;
    Sex _sex;
    ViewPosition _view;
    DateTime? _born, _acquired;
    int? _age;
    MudDatePicker? _bornField, _acquiredField;
    MudNumericField<int?>? _ageField;
    bool _isOpen, _busy;

    [Parameter, EditorRequired]
    public required StudyDetail Study { get; set; }

    /// <summary>The patient number that the dialog is opened with, as from a film that was uploaded again under it.</summary>
    [Parameter]
    public string? Number { get; set; }

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    StudyChange? Last => StudyChange.Standing([.. Study.Changes]);

    string Why => Study.Changes.FirstOrDefault(c => c.Kind == StudyChangeKind.Withdraw) is { } withdrawal
        ? $"{withdrawal.ChangedByName} on {withdrawal.ChangedAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}: "
            + $"{withdrawal.Reason.TrimEnd('.')}."
        : "";

    string Title => _kind switch
    {
        StudyChangeKind.Withdraw => "Withdraw this study",
        StudyChangeKind.BringBack => "Bring this study back",
        StudyChangeKind.Undo => "Undo the last change",
        _ => "Correct or move this study",
    };

    string Verb => _kind switch
    {
        StudyChangeKind.Withdraw => "Withdraw",
        StudyChangeKind.BringBack => "Bring back",
        StudyChangeKind.Undo => "Undo",
        _ => "Save",
    };

    protected override void OnInitialized()
    {
        if (Number is not null && Study is { CanChange: true, IsWithdrawn: false })
        {
            Open(StudyChangeKind.Correct);
            _number = Number;
        }
    }

    void Open(StudyChangeKind kind)
    {
        var now = Study.Particulars;
        (_kind, _opened, _reason, _refusal, _said, _doubts) = (kind, now, null, null, null, []);
        (_lastSeen, _undone) = (Study.Changes.Select(c => c.Id).FirstOrDefault(), Last?.Id ?? 0);
        (_number, _sex, _view, _age) = (now.PatientNumber, now.Sex, now.View, now.AgeYears);
        (_born, _acquired) = (now.BirthDate?.ToDateTime(default), now.AcquiredOn?.ToDateTime(default));
        _isOpen = true;
    }

    // What was confirmed was of another number.
    void Changed() => _doubts = [];

    async Task SaveAsync()
    {
        if (_busy)
        {
            return;
        }

        if (_kind == StudyChangeKind.Correct && Unreadable() is { } field)
        {
            _refusal = $"The {field} cannot be read: correct it or clear it. Nothing is saved.";
            return;
        }

        _busy = true;
        try
        {
            var actor = (await Authentication).User.ToActor();
            Show(_kind == StudyChangeKind.Undo
                ? await undo.RunAsync(new(Study.Id, _undone, _reason), actor, CancellationToken.None)
                : await change.RunAsync(
                    new(Study.Id, To(), _reason, _lastSeen, _doubts.Count > 0) { Opened = _opened }, actor, CancellationToken.None));
        }
        finally
        {
            _busy = false;
        }
    }

    // A field that cannot read what was typed holds nothing: saved, that would erase what is known.
    string? Unreadable() =>
        _bornField?.HasErrors == true ? "birth date"
        : _ageField?.HasErrors == true ? "age"
        : _acquiredField?.HasErrors == true ? "date of the film"
        : null;

    StudyParticulars To() => _kind switch
    {
        StudyChangeKind.Withdraw => _opened! with { IsWithdrawn = true },
        StudyChangeKind.BringBack => _opened! with { IsWithdrawn = false },
        _ => _opened! with
        {
            PatientNumber = _number,
            Sex = _sex,
            View = _view,
            AgeYears = _age,
            BirthDate = DayOf(_born),
            AcquiredOn = DayOf(_acquired),
        },
    };

    void Show(ChangeStudyResult result)
    {
        (_refusal, _doubts) = (null, []);
        switch (result)
        {
            case ChangeStudyResult.Refused refused:
                _refusal = refused.Message;
                break;
            case ChangeStudyResult.Doubted doubted:
                _doubts = doubted.Doubts;
                break;
            default:
                (_isOpen, _said) = (false, _kind switch
                {
                    StudyChangeKind.Withdraw => "Withdrawn.",
                    StudyChangeKind.BringBack => "Brought back.",
                    StudyChangeKind.Undo => "Taken back.",
                    _ => "Changed.",
                });
                break;
        }
    }

    static DateOnly? DayOf(DateTime? day) => day is { } known ? DateOnly.FromDateTime(known) : null;

    static string ChangeWords(StudyChange change)
    {
        var what = change.Kind switch
        {
            StudyChangeKind.Withdraw => "withdrawn",
            StudyChangeKind.BringBack => "brought back",
            _ when change.ImageId is not null => "an image was taken out as a study of its own",
            _ => string.Join("; ", Differences(change.Before, change.After)),
        };
        return $"{(change.Kind == StudyChangeKind.Undo ? "undone: " : "")}{what}. “{change.Reason}”";
    }

    static IEnumerable<string> Differences(StudyParticulars before, StudyParticulars after)
    {
        (string Name, string? Old, string? New)[] all =
        [
            ("patient number", before.PatientNumber, after.PatientNumber), ("sex", before.Sex.ToString(), after.Sex.ToString()),
            ("birth date", before.BirthDate?.Iso(), after.BirthDate?.Iso()),
            ("age", before.AgeYears?.ToString(CultureInfo.InvariantCulture), after.AgeYears?.ToString(CultureInfo.InvariantCulture)),
            ("view", before.View.ToString(), after.View.ToString()), ("date", before.AcquiredOn?.Iso(), after.AcquiredOn?.Iso()),
            ("withdrawn", before.IsWithdrawn ? "yes" : "no", after.IsWithdrawn ? "yes" : "no"),
        ];
        return all.Where(d => d.Old != d.New).Select(d => $"{d.Name} {d.Old ?? "none"} → {d.New ?? "none"}");
    }
}
