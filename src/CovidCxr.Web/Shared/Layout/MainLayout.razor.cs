using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace CovidCxr.Web.Shared.Layout;

/// <summary>The rail and the page. Dark until the person chose otherwise: the reading room is dark.</summary>
public sealed partial class MainLayout(IJSRuntime js) : LayoutComponentBase
{
    bool _isDark = true;
    TimeSpan _zoneOffset;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _isDark = await js.InvokeAsync<string?>("covidcxrTheme.read") != "light";
            _zoneOffset = TimeSpan.FromMinutes(-await js.InvokeAsync<double>("covidcxrTheme.zoneMinutes"));
            StateHasChanged();
        }
    }

    async Task SwitchTheme()
    {
        _isDark = !_isDark;
        await js.InvokeVoidAsync("covidcxrTheme.write", _isDark ? "dark" : "light");
    }
}
