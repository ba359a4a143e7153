namespace CovidCxr.Web.Features.Platform.Accounts;

/// <summary>What a browser calls itself, as people call it; only to tell one's own apart, for any program can send anything.</summary>
static class BrowserWords
{
    // The first that fits: most browsers name their ancestors as well.
    static readonly (string Mark, string Words)[] Browsers =
        [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];

    static readonly (string Mark, string Words)[] Systems =
        [("Android", "Android"), ("iPhone", "iOS"), ("iPad", "iPadOS"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux")];

    public static string Of(string agent) => (Find(Browsers, agent), Find(Systems, agent)) switch
    {
        ({ } browser, { } system) => $"{browser} on {system}",
        ({ } browser, null) => browser,
        _ => "another program",
    };

    static string? Find((string Mark, string Words)[] known, string agent) =>
        Array.Find(known, k => agent.Contains(k.Mark, StringComparison.Ordinal)).Words;
}
