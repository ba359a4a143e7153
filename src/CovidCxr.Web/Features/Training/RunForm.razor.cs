using System.Globalization;
using CovidCxr.Application.Training;
using CovidCxr.Web.Shared.Charts;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace CovidCxr.Web.Features.Training;

/// <summary>The options of a new run: preset on top, the five that people change below it, the others folded.</summary>
public sealed partial class RunForm(StartRetraining start) : ComponentBase
{
    static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    TrainingPreset _preset = TrainingPreset.All[0];
    RetrainingForm _form = TrainingPreset.All[0].Form();
    IReadOnlyList<ChartSeries> _rates = [], _momenta = [];
    string? _refusal;
    bool _isBusy;

    [Parameter, EditorRequired]
    public required IReadOnlyList<DataFolderView> Folders { get; set; }

    [Parameter, EditorRequired]
    public required string Root { get; set; }

    [Parameter]
    public EventCallback<Guid> OnStarted { get; set; }

    [Parameter]
    public EventCallback OnClosed { get; set; }

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    protected override void OnInitialized() => GuessClasses();

    void Choose(TrainingPreset preset)
    {
        var (classes, positive) = (_form.Classes, _form.PositiveClass);
        (_preset, _form) = (preset, preset.Form());
        _form.PositiveClass = positive;
        foreach (var (folder, names) in classes)
        {
            _form.Classes[folder] = names;
        }

        ForgetPreview();
    }

    // COVID-19 against all others is the default task; the names are there to be changed.
    void GuessClasses()
    {
        foreach (var folder in Folders)
        {
            _form.Classes[folder.Path] = folder.Classes.ToDictionary(c => c.Name, c => c.Name.Contains("covid", StringComparison.OrdinalIgnoreCase) ? _form.PositiveClass : "Other");
        }
    }

    string? NameOf(DataFolderView folder, FoundClass found) => _form.Classes[folder.Path].GetValueOrDefault(found.Name);

    void Rename(DataFolderView folder, FoundClass found, string? name) => _form.Classes[folder.Path][found.Name] = name ?? "";

    void ForgetPreview() => (_rates, _momenta) = ([], []);

    async Task PreviewAsync()
    {
        _isBusy = true;
        (var courses, _refusal) = await PreviewSchedule.RunAsync(_form, CancellationToken.None);
        _rates = [.. courses.Select(c => Series(c.Stage, c.Rates))];
        _momenta = [.. courses.Select(c => Series(c.Stage, c.Momenta))];
        _isBusy = false;
    }

    static ChartSeries Series(string stage, IReadOnlyList<double> values) => new(stage, [.. values.Select((v, i) => new ChartPoint(i * 100.0 / (values.Count - 1), v))]);

    async Task StartAsync()
    {
        _isBusy = true;
        try
        {
            var result = await start.RunAsync(_form, Folders, (await Authentication).User.ToActor(), CancellationToken.None);
            if (result is StartRetrainingResult.Started started)
            {
                await OnStarted.InvokeAsync(started.RunId);
                return;
            }

            _refusal = ((StartRetrainingResult.Refused)result).Message;
        }
        finally
        {
            _isBusy = false;
        }
    }
}
