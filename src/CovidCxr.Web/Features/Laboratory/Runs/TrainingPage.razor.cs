using CovidCxr.Domain.DataSets;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Laboratory.Runs;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace CovidCxr.Web.Features.Laboratory.Runs;

/// <summary>Every run, and the form that starts one.</summary>
public sealed partial class TrainingPage(
    ListTrainingRuns listRuns, ListDataSets listDataSets, ListInitialModels listModels, NavigationManager navigation) : ComponentBase
{
    IReadOnlyList<TrainingRunView>? _runs;
    IReadOnlyList<DataSetVersionView>? _versions;
    IReadOnlyList<InitialModelView> _models = [];
    readonly List<Guid> _chosen = [];
    IReadOnlyList<DataSetVersionView> _ready = [];
    bool _showsForm, _evaluates;
    Guid? _asked;

    /// <summary>The model that another page asks to evaluate.</summary>
    [SupplyParameterFromQuery]
    public string? Evaluate { get; set; }

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    protected override async Task OnInitializedAsync()
    {
        var actor = (await Authentication).User.ToActor();
        _runs = await listRuns.RunAsync(actor, CancellationToken.None);
        _models = await listModels.RunAsync(actor, CancellationToken.None);
        _ready = [.. (await listDataSets.RunAsync(actor, CancellationToken.None)).Where(v => v.State == DataSetState.Ready)];
        _versions = [.. _ready.Where(v => v.IsDivided)];
        // As text: an address is typed by hand, too.
        _asked = Guid.TryParse(Evaluate, out var model) ? model : null;
        _evaluates = _asked is not null;
    }

    void Choose(Guid run, bool isChosen)
    {
        _chosen.Remove(run);
        if (isChosen)
        {
            _chosen.Add(run);
        }
    }

    static string PlanOf(TrainingRunView run) => run switch
    {
        { IsOffPlan: true } => ", off plan",
        { IsPlanned: true } => ", planned",
        { IsExploration: true } => ", exploration",
        _ => "",
    };

    void OpenAsync(Guid runId) => navigation.NavigateTo($"training/{runId}");
}
