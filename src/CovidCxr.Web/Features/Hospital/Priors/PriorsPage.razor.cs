using System.Globalization;
using CovidCxr.Domain.Accounts;
using CovidCxr.Hospital.Priors;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace CovidCxr.Web.Features.Hospital.Priors;

/// <summary>A patient's films in the hospital's archives, to be fetched from there.</summary>
[Authorize(AccessPolicies.ViewStudies)]
public sealed partial class PriorsPage(FindPriors find, FetchPriors fetch) : ComponentBase, IDisposable
{
    readonly CancellationTokenSource _gone = new();
    readonly Dictionary<string, string> _fetched = [];
    IReadOnlyList<PriorStudy>? _studies;
    Actor? _actor;
    string _number = "";
    string? _archive, _refusal, _said, _shown;
    bool _isBusy;

    [Parameter]
    public string? Number { get; set; }

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        // As the address has it: a slash in a number stays escaped there.
        _number = Uri.UnescapeDataString(Number ?? "");
        // Not while the server renders ahead of the circuit: the archive is asked once.
        if (_shown == _number || !RendererInfo.IsInteractive)
        {
            return;
        }

        _shown = _number;
        _actor = (await Authentication).User.ToActor();
        _fetched.Clear();
        (_studies, _refusal, _said) = (null, null, null);
        if (find.Archives is [var only])
        {
            await LookAsync(only);
        }
    }

    async Task LookAsync(string archive)
    {
        var asked = _number;
        (_archive, _studies, _refusal, _said, _isBusy) = (archive, null, null, null, true);
        try
        {
            var result = await find.RunAsync(archive, asked, _actor!, _gone.Token);
            if (asked == _number)
            {
                (_studies, _refusal) = ((result as FindPriorsResult.Found)?.Studies, (result as FindPriorsResult.Refused)?.Message);
            }
        }
        finally
        {
            _isBusy = false;
        }
    }

    async Task FetchAsync(PriorStudy study)
    {
        if (_isBusy)
        {
            return;
        }

        (_isBusy, _refusal, _said) = (true, null, "Fetching…");
        try
        {
            var fetched = await fetch.RunAsync(_archive!, study.Uid, _number, _actor!, _gone.Token);
            (_refusal, _said) = (fetched.Refusal, Words(fetched));
            if (fetched.Refusal is null)
            {
                _fetched[study.Uid] = Words(fetched);
            }
        }
        finally
        {
            _isBusy = false;
        }
    }

    static string HereWords(PriorStudy study) =>
        study.IsHere ? $"{study.Here}" : $"{study.Here} of {study.Objects?.ToString(CultureInfo.InvariantCulture) ?? "?"}";

    static string Words(FetchedPriors fetched)
    {
        List<string> words = [$"{fetched.Taken.Of("film")} fetched"];
        if (fetched.Passed > 0)
        {
            words.Add(string.Create(CultureInfo.InvariantCulture, $"{fetched.Passed} that are no films"));
        }

        if (fetched.Strange > 0)
        {
            words.Add(string.Create(CultureInfo.InvariantCulture, $"{fetched.Strange} of another patient or study, not taken"));
        }

        return string.Join(", ", words);
    }

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }
}
