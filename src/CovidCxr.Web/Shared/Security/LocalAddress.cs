using System.Text;
using System.Text.RegularExpressions;

namespace CovidCxr.Web.Shared.Security;

/// <summary>Where somebody is sent who asked to be sent there: every redirect to an address from outside goes through here.</summary>
static partial class LocalAddress
{
    // Those that RFC 3986 lets stand; what is encoded already stays so.
    const string Unescaped = "/?#[]@!$&'()*+,;=:-._~%";

    /// <summary>
    /// The path of this program, in the characters of a header, or its start where it is none: never another host, nor another program on
    /// this one. Browsers read a backslash as a slash and leave control characters out.
    /// </summary>
    /// <param name="pathBase">Where the program is served; empty for the host's root.</param>
    public static string Of(string? asked, PathString pathBase)
    {
        var start = pathBase + "/";
        return asked is not null && asked.StartsWith(start, StringComparison.Ordinal)
            && !asked.StartsWith(start + "/", StringComparison.Ordinal)
            && !asked.Any(c => c == '\\' || char.IsControl(c)) && !Upwards().IsMatch(asked)
            ? Encoded(asked)
            : start;
    }

    static string Encoded(string path)
    {
        var text = new StringBuilder(path.Length);
        foreach (var rune in path.EnumerateRunes())
        {
            var isUnescaped = rune.IsAscii
                && (char.IsAsciiLetterOrDigit((char)rune.Value) || Unescaped.Contains((char)rune.Value, StringComparison.Ordinal));
            text.Append(isUnescaped ? rune.ToString() : Uri.EscapeDataString(rune.ToString()));
        }

        return text.ToString();
    }

    // A part of dots alone, which a browser walks up by; %2e is a dot to it.
    [GeneratedRegex(@"/(\.|%2e){1,2}(/|\?|#|$)", RegexOptions.IgnoreCase)]
    private static partial Regex Upwards();
}
