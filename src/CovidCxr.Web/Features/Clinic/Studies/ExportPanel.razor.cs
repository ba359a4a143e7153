using CovidCxr.Clinic.Exports;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Forms;
using MudBlazor;

namespace CovidCxr.Web.Features.Clinic.Studies;

public sealed partial class ExportPanel(AntiforgeryStateProvider antiforgery, ILogger<ExportPanel> log) : ComponentBase
{
    static readonly DialogOptions Options = new() { MaxWidth = MaxWidth.Medium, FullWidth = true, CloseOnEscapeKey = true };

    readonly HashSet<string> _confirmed = [];
    IReadOnlyList<Guid> _studies = [];
    CancellationTokenSource? _looking;
    FilmExportPlan? _plan;
    string _reason = "";
    string? _refusal, _token;
    int _looked, _of;
    bool _isOpen, _isSent;

    [Parameter, EditorRequired]
    public required IReadOnlyCollection<Guid> Chosen { get; set; }

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    int Leaving => _plan is null ? 0 : _plan.Free + _confirmed.Count;

    async Task OpenAsync()
    {
        Stop();
        (_studies, _plan, _refusal, _reason, _isSent, _looked, _of) = ([.. Chosen], null, null, "", false, 0, 0);
        _confirmed.Clear();
        _token = antiforgery.GetAntiforgeryToken()?.Value;
        _isOpen = true;
        var actor = (await Authentication).User.ToActor();
        using var looking = _looking = new();
        try
        {
            // Films are decoded: not on the circuit's own turn.
            var plan = await Task.Run(() => Plan.RunAsync(_studies, actor, looking.Token, Looked), looking.Token);
            (_plan, _refusal) = (plan, plan is null or { Films: 0 } ? "None of these studies is here any more." : null);
            _plan = _refusal is null ? plan : null;
        }
        catch (OperationCanceledException)
        {
            // Closed meanwhile.
        }
        catch (Exception e)
        {
            // Without its words, which may hold a path. The worklist behind the dialog stays.
            log.LogError("The films of an export could not be looked through: {Error}.", e.GetType().Name);
            _refusal = "The films could not be looked through, and nothing left. Close this, and try again.";
        }
        finally
        {
            _looking = _looking == looking ? null : _looking;
        }
    }

    void Looked(int looked, int of) => InvokeAsync(() =>
    {
        (_looked, _of) = (looked, of);
        StateHasChanged();
    });

    void Confirm(string pixels, bool isConfirmed) => _ = isConfirmed ? _confirmed.Add(pixels) : _confirmed.Remove(pixels);

    void Close()
    {
        _isOpen = false;
        Stop();
    }

    void Stop() => _looking?.Cancel();

    public void Dispose() => Stop();
}
