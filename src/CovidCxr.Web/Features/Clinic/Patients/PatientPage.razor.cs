using System.Globalization;
using CovidCxr.Clinic.Patients;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Hospital.Priors;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Charts;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace CovidCxr.Web.Features.Clinic.Patients;

/// <summary>All visits of a patient, and the course over time.</summary>
[Authorize(AccessPolicies.ViewStudies)]
public sealed partial class PatientPage(
    GetPatient getPatient, FindPriors priors, StudyChanges changes, NavigationManager navigation, TimeProvider time)
    : ComponentBase, IDisposable
{
    readonly CancellationTokenSource _gone = new();
    Patient? _patient;
    IReadOnlyList<ChartSeries> _series = [];
    Actor? _actor;
    PacedRefresh? _refresh;
    string? _shown;
    int _load;
    bool _isMissing;

    [Parameter]
    public string? Number { get; set; }

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    protected override async Task OnInitializedAsync()
    {
        _actor = (await Authentication).User.ToActor();
        _refresh = new(() => InvokeAsync(RefreshAsync), time, _gone.Token);
        changes.Changed += OnChanged;
    }

    protected override async Task OnParametersSetAsync()
    {
        // As the address has it: a slash in a number stays escaped there.
        var asked = Uri.UnescapeDataString(Number ?? "");
        if (_shown != asked && _actor is not null)
        {
            _shown = asked;
            await LoadAsync(isView: true);
        }
    }

    void OnChanged(Guid study) => _refresh!.Ask();

    async Task RefreshAsync()
    {
        await LoadAsync(isView: false);
        StateHasChanged();
    }

    async Task LoadAsync(bool isView)
    {
        var load = ++_load;
        var patient = await getPatient.RunAsync(_shown!, isView, _actor!, _gone.Token);
        // What was asked for before, and came later, may show what is hidden by now.
        if (load == _load)
        {
            (_patient, _isMissing) = (patient, patient is null);
            _series = patient is null ? [] : PatientCourse.Series(patient.Films, patient.Notes ?? []);
        }
    }

    void GoTo(string number) => navigation.NavigateTo(PatientAddress.Of(number));

    static IEnumerable<(PatientFilm Film, PatientFilm? Before)> WithBefore(IReadOnlyList<PatientFilm> films) =>
        films.Select((film, i) => (film, i == 0 ? null : films[i - 1]));

    static string Person(Patient patient)
    {
        List<string> words =
        [
            .. patient.Films.Select(f => f.Sex).Where(s => s != Sex.Unknown).Distinct().Select(s => s.ToString()),
            .. patient.Films.Select(f => f.BirthDate).OfType<DateOnly>().Distinct().Select(d => $"born {d.Iso()}"),
        ];
        return words.Count == 0 ? "sex and birth date unknown" : string.Join(", ", words);
    }

    static string? Contradictions(Patient patient)
    {
        var (sexes, births) = (
            patient.Films.Select(f => f.Sex).Where(s => s != Sex.Unknown).Distinct().Count(),
            patient.Films.Select(f => f.BirthDate).OfType<DateOnly>().Distinct().Count());
        return sexes < 2 && births < 2
            ? null
            : $"The films under this number name {(sexes > 1 ? "two sexes" : "two birth dates")}. One of them may be another patient's: "
                + "open it and correct or move it.";
    }

    static string Day(PatientFilm film) => film.IsDated ? film.On.Iso() : $"received {film.On.Iso()}";

    static string Views(PatientFilm film) => string.Join(", ", film.FurtherViews.Prepend(film.View).Select(v => v.Words()));

    static string OrNone(IEnumerable<string> words) => string.Join("; ", words) is { Length: > 0 } all ? all : "–";

    static string Words(FilmReading reading) =>
        $"{(reading.IsOwn ? "you" : reading.ReaderName)}: {reading.Opinion.Words()}, {reading.Confidence}/5";

    static string Words(FilmReference reference) =>
        $"{PatientCourse.Words(reference.Source)} {reference.Result.ToString().ToLowerInvariant()} ({reference.FoundOn.Iso()})";

    static string Words(FilmScore score) =>
        $"{score.PositiveClass} {score.Probability.Fixed()}, {(score.Probability >= score.Threshold ? "at or above" : "below")} "
            + $"{score.Threshold.Fixed()} (v{score.ModelNumber.ToString(CultureInfo.InvariantCulture)})";

    static string Words(CoursePoint severity) =>
        $"{severity.Sum.Fixed(0)} ({severity.Lower.Fixed(1)} to {severity.Upper.Fixed(1)})";

    public void Dispose()
    {
        changes.Changed -= OnChanged;
        _gone.Cancel();
    }
}
