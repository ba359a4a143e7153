using CovidCxr.Clinic.Acceptance;
using CovidCxr.Domain.Accounts;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace CovidCxr.Web.Features.Clinic.Acceptance;

/// <summary>A version on the department's own studies, and the step of accepting it here.</summary>
public sealed partial class AcceptancePage(GetAcceptance get, AcceptVersion accept, WithdrawAcceptance withdraw) : ComponentBase
{
    AcceptanceView? _view;
    SiteQuestion _question = new();
    double _sensitivity = SiteQuestion.DefaultSensitivity, _width = SiteQuestion.WidestInterval;
    Actor? _actor;
    string _password = "";
    string? _reason, _withdrawal, _error, _said;
    bool _isLoaded, _isBusy;

    [Parameter]
    public Guid Id { get; set; }

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    protected override async Task OnParametersSetAsync() => await LoadAsync(await ActorAsync());

    async Task<Actor> ActorAsync() => (await Authentication).User.ToActor();

    async Task LoadAsync(Actor actor)
    {
        _actor = actor;
        _view = await get.RunAsync(Id, _question, actor, CancellationToken.None);
        _isLoaded = true;
    }

    Task MeasureAsync() => DoAsync("Measured.", actor =>
    {
        var asked = new SiteQuestion(_sensitivity, _width);
        _question = asked.Refusal is null ? asked : _question;
        return Task.FromResult(asked.Refusal);
    });

    Task AcceptAsync() => DoAsync("Accepted.", actor => accept.RunAsync(
        new(Id, _question, _view!.EvidenceHash, _view.History is [var newest, ..] ? newest.Id : null, _reason, _password), actor,
        CancellationToken.None));

    Task WithdrawAsync() => DoAsync("Withdrawn.", actor => withdraw.RunAsync(
        _view!.History[0].Id, _withdrawal, actor, CancellationToken.None));

    async Task DoAsync(string done, Func<Actor, Task<string?>> work)
    {
        if (_isBusy)
        {
            return;
        }

        (_isBusy, _error, _said) = (true, null, null);
        StateHasChanged();
        var actor = await ActorAsync();
        _error = await work(actor);
        (_isBusy, _password) = (false, "");
        if (_error is null)
        {
            (_said, _reason, _withdrawal) = (done, null, null);
        }

        await LoadAsync(actor);
    }
}
