using CovidCxr.Platform.Accounts;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;

namespace CovidCxr.Web.Features.Platform.Accounts;

/// <summary>Where a person links their account with an identity provider, or takes that back.</summary>
public sealed partial class ProvidersPage(
    ProviderLink link, IOptions<AccountOptions> options) : ComponentBase
{
    IReadOnlyList<ProviderView> _providers = [];
    string? _refusal, _address, _leavingFor;

    [SupplyParameterFromForm]
    public string? Password { get; set; }

    [SupplyParameterFromQuery]
    public string? Refused { get; set; }

    [SupplyParameterFromQuery]
    public string? Provider { get; set; }

    [CascadingParameter]
    public required HttpContext Context { get; set; }

    AccountOptions Options => options.Value;

    protected override async Task OnInitializedAsync() => _providers = await link.ListAsync(Context.User.ToActor());

    async Task SubmitAsync(ProviderView view)
    {
        var (actor, password) = (Context.User.ToActor(), Password ?? "");
        if (view.IsLinked)
        {
            _refusal = await link.RemoveAsync(view.Id, password, actor);
            _providers = await link.ListAsync(actor);
        }
        else if (await link.BeginAsync(view.Id, password, actor) is { } wrong)
        {
            _refusal = wrong;
        }
        else
        {
            await LeaveAsync(Options.Providers.First(p => p.Id == view.Id));
        }
    }

    // The answer of a form leads to no other host; a page that goes on by itself does.
    async Task LeaveAsync(ProviderOptions provider)
    {
        var properties = new AuthenticationProperties { Items = { [ProviderAnswer.LinkKey] = $"{Context.User.ToActor().Session}" } };
        // The provider may know somebody else from before, who must not be linked.
        AskAnew.Demand(Context, properties);
        _address = await IdentityProviders.ChallengeAddressAsync(Context, provider, properties);
        _refusal = _address is null ? ProviderWords.Of($"{ProviderRefusal.Unreachable}", provider.Id, Options) : null;
        _leavingFor = provider.Name;
    }
}
