using System.Text.RegularExpressions;

namespace CovidCxr.Web.Tests.Shared;

/// <summary>What a page or an answer must not say.</summary>
static partial class Secrecy
{
    /// <summary>None of the secrets stands in the text; digits in an identifier drawn by chance tell nothing.</summary>
    public static void AssertKeeps(IReadOnlyCollection<string> secrets, string text)
    {
        var said = Identifier().Replace(text, m => secrets.Contains(m.Value, StringComparer.OrdinalIgnoreCase) ? m.Value : "id");
        Assert.All(secrets, s => Assert.DoesNotContain(s, said, StringComparison.OrdinalIgnoreCase));
    }

    [GeneratedRegex("[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", RegexOptions.IgnoreCase)]
    private static partial Regex Identifier();
}
