using CovidCxr.Application.Agreement;
using CovidCxr.Domain.Accounts;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace CovidCxr.Web.Features.Agreement;

/// <summary>A page whose filter stands in its address.</summary>
public abstract class FilteredPage(NavigationManager navigation) : ComponentBase, IDisposable
{
    readonly CancellationTokenSource gone = new();

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    [SupplyParameterFromQuery(Name = "from")]
    public string? FromText { get; set; }

    [SupplyParameterFromQuery(Name = "to")]
    public string? ToText { get; set; }

    [SupplyParameterFromQuery(Name = "reader")]
    public string? ReaderText { get; set; }

    [SupplyParameterFromQuery(Name = "model")]
    public string? ModelText { get; set; }

    [SupplyParameterFromQuery(Name = "view")]
    public string? ViewText { get; set; }

    [SupplyParameterFromQuery(Name = "sex")]
    public string? SexText { get; set; }

    [SupplyParameterFromQuery(Name = "reference")]
    public string? ReferenceText { get; set; }

    protected AgreementFilter Filter { get; private set; } = new();

    protected Actor? Actor { get; private set; }

    protected CancellationToken Gone => gone.Token;

    protected abstract Task LoadAsync(Actor actor);

    protected override async Task OnParametersSetAsync()
    {
        Filter = AgreementAddress.Read(name => name switch
        {
            "from" => FromText,
            "to" => ToText,
            "reader" => ReaderText,
            "model" => ModelText,
            "view" => ViewText,
            "sex" => SexText,
            _ => ReferenceText,
        });
        Actor ??= (await Authentication).User.ToActor();
        try
        {
            await LoadAsync(Actor);
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The page has been left.
        }
    }

    protected void Open(string address) => navigation.NavigateTo(address);

    public void Dispose()
    {
        gone.Cancel();
        gone.Dispose();
        GC.SuppressFinalize(this);
    }
}
