using CovidCxr.Clinic.Adjudication;
using CovidCxr.Domain.Accounts;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Agreement;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace CovidCxr.Web.Features.Clinic.Adjudication;

/// <summary>Where readers and model disagree; the lead chooses studies and who adjudicates them.</summary>
public sealed partial class DiscordantPage(
    ListDiscordances list, RequestReads request, NavigationManager navigation, IJSRuntime js) : ListingPage(navigation), IAsyncDisposable
{
    const int PageSize = 12;

    readonly HashSet<Guid> _chosen = [];
    readonly Guid?[] _readers = new Guid?[2];
    DiscordancePage? _page;
    IReadOnlyList<string> _refusals = [];
    ElementReference _list;
    readonly PageScript _keys = new(js);
    bool _isListening;
    string? _said;

    [SupplyParameterFromQuery(Name = "all")]
    public string? All { get; set; }

    bool IsOpen => !(bool.TryParse(All, out var all) && all);

    protected override object Question => (Filter, IsOpen, Number);

    protected override async Task LoadAsync(Actor actor) => _page = await list.RunAsync(Filter, IsOpen, actor, Gone, Number, PageSize);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_isListening || _page is null or { Total: 0 })
        {
            return;
        }

        _isListening = true;
        await _keys.StartAsync("./agreement/discordant.js", "listen");
    }

    void Choose(Guid study, bool isChosen) => _ = isChosen ? _chosen.Add(study) : _chosen.Remove(study);

    async Task AssignAsync()
    {
        var result = await request.RunAsync(_chosen, [.. _readers.OfType<Guid>().Distinct()], Actor!, CancellationToken.None);
        _refusals = result.Refusals;
        _said = result.Asked > 0 ? $"{result.Asked.Of("study", "studies")} assigned, and in the readers' worklists." : "None assigned.";
        if (result.Asked > 0)
        {
            _chosen.Clear();
            await LoadAsync(Actor!);
        }
    }

    void Turn(int number, bool isOpen) => Open(AgreementAddress.Write(
        AgreementAddress.Discordant, Filter, ("page", number == 0 ? null : PageNumber.Write(number)), ("all", isOpen ? null : "true")));

    public ValueTask DisposeAsync()
    {
        Dispose();
        return _keys.DisposeAsync();
    }
}
