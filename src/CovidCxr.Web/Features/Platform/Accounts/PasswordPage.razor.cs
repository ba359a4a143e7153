using System.Globalization;
using CovidCxr.Platform.Accounts;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;

namespace CovidCxr.Web.Features.Platform.Accounts;

public sealed partial class PasswordPage(ChangePassword change, Sessions sessions) : ComponentBase
{
    IReadOnlyList<string> _errors = [];
    IReadOnlyList<SessionView> _sessions = [];
    bool _isDone, _isGiven;

    [SupplyParameterFromForm]
    public PasswordInput? Input { get; set; }

    [CascadingParameter]
    public required HttpContext Context { get; set; }

    protected override async Task OnInitializedAsync()
    {
        _isGiven = GivenPassword.IsUsedBy(Context.User);
        _sessions = _isGiven ? [] : await sessions.ListAsync(Context.User, Context.User.ToActor(), CancellationToken.None);
    }

    async Task SubmitAsync()
    {
        _errors = await change.RunAsync(Input?.Current ?? "", Input?.Next ?? "", Context.User.ToActor());
        _isDone = _errors.Count == 0;
        // All others have ended, and this one has begun anew.
        _sessions = _isDone ? [] : _sessions;
    }

    static string Words(SessionView session) => $"Sign out {BrowserWords.Of(session.Browser)} at {session.From}";

    // Without a script nothing knows the person's zone.
    static string Minute(DateTimeOffset at) => at.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    public sealed class PasswordInput
    {
        public string? Current { get; set; }

        public string? Next { get; set; }
    }
}
