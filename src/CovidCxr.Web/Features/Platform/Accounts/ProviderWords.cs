using CovidCxr.Platform.Accounts;

namespace CovidCxr.Web.Features.Platform.Accounts;

static class ProviderWords
{
    /// <summary>What a page's address says of a sign-in that failed, in words of ours; null where it says nothing that we know.</summary>
    public static string? Of(string? refusal, string? provider, AccountOptions options) =>
        Enum.TryParse<ProviderRefusal>(refusal, out var why) && options.Providers.FirstOrDefault(p => p.Id == provider) is { } known
            ? Of(why, known.Name)
            : null;

    static string Of(ProviderRefusal refusal, string name) => refusal switch
    {
        ProviderRefusal.Unreachable => $"{name} does not answer at the moment. Sign in with your password, or try again later.",
        ProviderRefusal.Cancelled => $"The sign-in at {name} was cancelled.",
        ProviderRefusal.NotLinked =>
            $"{name} knows you, but no account here is linked with it. Sign in with your password and link it under your name, or ask an "
            + "administrator.",
        ProviderRefusal.NoRole => $"{name} gives you no role here. Ask whoever keeps your groups there.",
        ProviderRefusal.Disabled => "This account can no longer sign in. Ask an administrator.",
        ProviderRefusal.Taken => $"This account of {name} belongs to somebody else here, or yours is linked already.",
        ProviderRefusal.OtherSession =>
            "You were signed out meanwhile, or signed in anew, or something else was asked. Nothing was done.",
        ProviderRefusal.NotAskedAgain =>
            $"{name} did not ask who is there now, or did not say that it did, so its answer does not count. Sign out at {name}, and try "
            + "once more.",
        ProviderRefusal.OtherPerson => $"Somebody else has signed in at {name} than the person of this account. Nothing was confirmed.",
        _ => $"The answer of {name} could not be accepted, so nothing was done. Try once more, or use your password.",
    };
}
