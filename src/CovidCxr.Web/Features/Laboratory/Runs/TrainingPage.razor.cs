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
    bool _showsForm;

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    protected override async Task OnInitializedAsync()
    {
        var actor = (await Authentication).User.ToActor();
        _runs = await listRuns.RunAsync(actor, CancellationToken.None);
        _models = await listModels.RunAsync(actor, CancellationToken.None);
        _versions =
        [
            .. (await listDataSets.RunAsync(actor, CancellationToken.None)).Where(v => v is { State: DataSetState.Ready, IsDivided: true }),
        ];
    }

    void Choose(Guid run, bool isChosen)
    {
        _chosen.Remove(run);
        if (isChosen)
        {
            _chosen.Add(run);
        }
    }

    void OpenAsync(Guid runId) => navigation.NavigateTo($"/training/{runId}");
}
