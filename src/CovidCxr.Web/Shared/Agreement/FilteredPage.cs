using CovidCxr.Clinic.Comparison;
using CovidCxr.Domain.Accounts;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace CovidCxr.Web.Shared.Agreement;

/// <summary>A page whose filter stands in its address.</summary>
public abstract class FilteredPage(NavigationManager navigation) : ComponentBase, IDisposable
{
    CancellationTokenSource _asking = new();
    object? _asked;

    readonly Requests<AgreementFilter> _requests = new(new());

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

    [SupplyParameterFromQuery(Name = "age")]
    public string? AgeText { get; set; }

    [SupplyParameterFromQuery(Name = "prevalence")]
    public string? PrevalenceText { get; set; }

    [SupplyParameterFromQuery(Name = "reference")]
    public string? ReferenceText { get; set; }

    protected AgreementFilter Filter => _requests.At;

    protected AgreementFilter Requested => _requests.Newest;

    protected Actor? Actor { get; private set; }

    /// <summary>Ends with the page, and with the next question, whose answer must not be overtaken by this one's.</summary>
    protected CancellationToken Gone => _asking.Token;

    /// <summary>What the address asks for; equal questions are asked once.</summary>
    protected virtual object Question => Filter;

    protected abstract Task LoadAsync(Actor actor);

    protected override async Task OnParametersSetAsync()
    {
        _requests.Arrive(AgreementAddress.Read(name => name switch
        {
            "from" => FromText,
            "to" => ToText,
            "reader" => ReaderText,
            "model" => ModelText,
            "view" => ViewText,
            "sex" => SexText,
            "age" => AgeText,
            "prevalence" => PrevalenceText,
            _ => ReferenceText,
        }));

        // The router renders again for other reasons than another address.
        if (Question.Equals(_asked))
        {
            return;
        }

        _asked = Question;
        Actor ??= (await Authentication).User.ToActor();
        await _asking.CancelAsync();
        _asking.Dispose();
        _asking = new();
        var token = _asking.Token;
        try
        {
            await LoadAsync(Actor);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // The page has been left, or asked something else.
        }
    }

    /// <summary>Asks for the page with another filter.</summary>
    protected void Ask(string page, AgreementFilter filter)
    {
        _requests.Add(filter);
        Open(AgreementAddress.Write(page, filter));
    }

    protected void Open(string address) => navigation.NavigateTo(address);

    public void Dispose()
    {
        _asking.Cancel();
        _asking.Dispose();
        GC.SuppressFinalize(this);
    }
}
