using CovidCxr.Clinic.Adjudication;
using CovidCxr.Clinic.References;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace CovidCxr.Web.Features.Clinic.Adjudication;

/// <summary>What the asked readers said, and the lead's decision where they do not settle it.</summary>
public sealed partial class AdjudicationPage(ListAdjudications list, RecordReference record, TimeProvider time) : ComponentBase
{
    readonly Dictionary<Guid, string?> _reasons = [];
    IReadOnlyList<AdjudicatedStudy>? _adjudications;
    Actor? _actor;
    string? _said;

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    protected override async Task OnInitializedAsync()
    {
        _actor = (await Authentication).User.ToActor();
        _adjudications = await list.RunAsync(_actor, CancellationToken.None);
    }

    async Task DecideAsync(AdjudicatedStudy adjudication, ReferenceResult result)
    {
        if (_reasons.GetValueOrDefault(adjudication.StudyId) is not { } why || string.IsNullOrWhiteSpace(why))
        {
            _said = "Say in a few words why: the decision is kept with its reason.";
            return;
        }

        var answer = await record.RunAsync(
            new(
                new(adjudication.StudyId, null, null),
                ReferenceSource.Consensus,
                result,
                DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime),
                adjudication.Findings is [var newest, ..] ? newest.Id : null,
                $"the lead's decision: {why.Trim()}"),
            _actor!, CancellationToken.None);
        _said = answer switch
        {
            RecordReferenceResult.Recorded => "Recorded.",
            RecordReferenceResult.Refused refused => refused.Message,
            _ => "Another consensus was just recorded. Look again.",
        };
        _adjudications = await list.RunAsync(_actor!, CancellationToken.None);
    }
}
