using CovidCxr.Clinic.References;
using CovidCxr.Domain.Readings;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace CovidCxr.Web.Features.Clinic.References;

/// <summary>The lead enters references, one by hand or many from a file.</summary>
public sealed partial class ReferencesPage(RecordReference record, SelectTrainingTruth selectTraining) : ComponentBase
{
    string? _studyId;
    string? _patient;
    DateOnly? _acquiredOn;
    ReferenceSource _source;
    ReferenceResult? _result;
    DateOnly? _foundOn;
    ReferenceFinding? _stands;
    string? _said;
    TrainingSelection? _training;

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    [SupplyParameterFromQuery(Name = "study")]
    public string? Study { get; set; }

    protected override async Task OnInitializedAsync()
    {
        _studyId = Study;
        _training = await selectTraining.RunAsync((await Authentication).User.ToActor(), CancellationToken.None);
    }

    async Task RecordAsync(Guid? supersedes)
    {
        _stands = null;
        if (Reference() is not { } study || _result is not { } result || _foundOn is not { } foundOn)
        {
            _said = "Give the study's id, or the patient's number and the date of the film; the result; and the day it was found.";
            return;
        }

        switch (await record.RunAsync(
            new(study, _source, result, foundOn, supersedes), (await Authentication).User.ToActor(), CancellationToken.None))
        {
            case RecordReferenceResult.Recorded:
                (_said, _studyId, _patient, _acquiredOn, _result) = ("Recorded.", null, null, null, null);
                break;
            case RecordReferenceResult.Stands stands:
                (_said, _stands) = (null, stands.Finding);
                break;
            case RecordReferenceResult.Refused refused:
                _said = refused.Message;
                break;
        }
    }

    StudyReference? Reference() =>
        (Guid.TryParse(_studyId, out var id), string.IsNullOrWhiteSpace(_studyId), string.IsNullOrWhiteSpace(_patient), _acquiredOn) switch
        {
            (true, _, _, _) => new(id, null, null),
            (_, true, false, { } day) => new(null, _patient!.Trim(), day),
            _ => null,
        };
}
