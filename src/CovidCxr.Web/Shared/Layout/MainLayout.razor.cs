using CovidCxr.Clinic.Drift;
using CovidCxr.Domain.Accounts;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;

namespace CovidCxr.Web.Shared.Layout;

/// <summary>The rail and the page. Dark until the person chose otherwise: the reading room is dark.</summary>
public sealed partial class MainLayout(IJSRuntime js, ListAlerts alerts, AlertChanges changes) : LayoutComponentBase, IDisposable
{
    bool _isDark = true;
    bool _isGone;
    int _alerts;
    TimeSpan _zoneOffset;

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    protected override Task OnInitializedAsync()
    {
        changes.Changed += Recount;
        return CountAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _isDark = await js.InvokeAsync<string?>("covidcxrTheme.read") != "light";
            _zoneOffset = TimeSpan.FromMinutes(-await js.InvokeAsync<double>("covidcxrTheme.zoneMinutes"));
            StateHasChanged();
        }
    }

    async Task CountAsync()
    {
        if ((await Authentication).User is { Identity.IsAuthenticated: true } user
            && user.ToActor() is var actor
            && actor.Is(Role.DepartmentLead))
        {
            _alerts = await alerts.CountAsync(actor, CancellationToken.None);
        }
    }

    void Recount()
    {
        if (!_isGone)
        {
            _ = InvokeAsync(async () =>
            {
                await CountAsync();
                StateHasChanged();
            });
        }
    }

    async Task SwitchTheme()
    {
        _isDark = !_isDark;
        await js.InvokeVoidAsync("covidcxrTheme.write", _isDark ? "dark" : "light");
    }

    public void Dispose()
    {
        _isGone = true;
        changes.Changed -= Recount;
    }
}
