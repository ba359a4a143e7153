using CovidCxr.Application.Training;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace CovidCxr.Web.Features.Training;

/// <summary>Every run, and the form that starts one.</summary>
public sealed partial class TrainingPage(ListRetraining listRuns, ListDataFolders listFolders, NavigationManager navigation) : ComponentBase
{
    IReadOnlyList<RetrainingView>? _runs;
    IReadOnlyList<DataFolderView>? _folders;
    bool _showsForm;

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    ListDataFolders ListFolders => listFolders;

    protected override async Task OnInitializedAsync()
    {
        var actor = (await Authentication).User.ToActor();
        _runs = await listRuns.RunAsync(actor, CancellationToken.None);
        _folders = await listFolders.RunAsync(actor, CancellationToken.None);
    }

    void OpenAsync(Guid runId) => navigation.NavigateTo($"/training/{runId}");
}
