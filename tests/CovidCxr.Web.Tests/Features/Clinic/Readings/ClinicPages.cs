using Bunit;
using CovidCxr.Domain.Accounts;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;

namespace CovidCxr.Web.Tests.Features.Clinic.Readings;

/// <summary>Pages of a <see cref="WebClinic"/>: the real use cases on a database of the test's own.</summary>
public abstract class ClinicPages : BunitContext, IAsyncLifetime
{
    /// <summary>bUnit's own second is too short where a machine does much else.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly WebClinic _clinic = new();

    protected ClinicPages()
    {
        _clinic.AddServices(Services);
        // Nothing is laid out here: scripts answer nothing, and what opens over a page has no place of its own.
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices(options => options.PopoverOptions.CheckForPopoverProvider = false);
    }

    protected static CancellationToken Cancellation => Xunit.TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await WebClinic.OpenAsync(Services);
        await FillAsync();
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await base.DisposeAsync();
        _clinic.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>What the tests need in the database besides.</summary>
    protected virtual Task FillAsync() => Task.CompletedTask;

    protected void Go(string address) => Services.GetRequiredService<NavigationManager>().NavigateTo(address);

    /// <summary>Draws a page for a person who is signed in.</summary>
    protected IRenderedComponent<TPage> Draw<TPage>(Actor actor, Action<ComponentParameterCollectionBuilder<TPage>>? parameters = null)
        where TPage : IComponent =>
        Render<TPage>(p =>
        {
            parameters?.Invoke(p);
            p.AddCascadingValue(Task.FromResult(new AuthenticationState(WebClinic.Principal(actor))));
        });
}
